/**
 * Whether units still run after their restart command said that all is well: a program may refuse its new file a moment
 * after systemd took it for started. What is judged and what is shown of a failed unit is decided here; pure.
 */
import type { Result } from "../../base/result.ts";
import { SYSTEMCTL } from "../services/table.ts";

/** As `systemctl show` says it. */
export type UnitState = {
  readonly unit: string;
  /** `active`, `activating`, `inactive`, `failed`, … */
  readonly active: string;
  /** `running`, `auto-restart`, `dead`, … */
  readonly sub: string;
  /** Restarts by systemd since it was last started by command. */
  readonly restarts: number;
};

export type UnitManager = {
  readonly states: (units: readonly string[]) => Promise<Result<readonly UnitState[]>>;
  /** The last lines that a unit wrote to the journal, oldest first; empty when they cannot be had. */
  readonly lastLines: (unit: string) => Promise<readonly string[]>;
  /** How long to leave units alone before they are asked about; by default `SETTLE_MS`. */
  readonly settleMs?: number;
};

/** Long enough for a program that refuses its file to be gone, short enough to wait for at a terminal. */
export const SETTLE_MS = 700;

/** The units that commands of systemctl act on. */
export function unitsOf(commands: readonly (readonly string[])[]): readonly string[] {
  return commands.flatMap(([program, ...words]) =>
    program === SYSTEMCTL ? words.filter((word) => unitName.test(word)) : [],
  );
}

const unitName = /^[A-Za-z0-9:_.\\@-]+\.(?:service|socket|timer|target|mount|path)$/;

/** What is wrong with a unit some time after its commands, or undefined. One that is not meant to run now is fine. */
export function problemOf(state: UnitState, commands: readonly (readonly string[])[]): string | undefined {
  const says = `"${state.unit}" is ${state.active} (${state.sub})`;
  if (state.active === "failed" || state.sub === "auto-restart") return `${says}, wanted running`;
  const restarted = commands.some((words) => words.some((word) => /^(?:try-)?restart$/.test(word)));
  if (restarted && state.restarts > 0) return `${says} after ${state.restarts} restarts by itself, wanted running`;
  return undefined;
}
