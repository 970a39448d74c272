/** What applying did, file by file and service by service: the record that makes no failure silent. */
import type { Result } from "../../base/result.ts";

/** Runs one restart command; `environment` is added to the runner's own, which wins. */
export type ServiceRunner = (
  argv: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
) => Promise<Result<unknown>>;

export type FileOutcome = {
  readonly name: string;
  readonly path: string;
  /** `skipped`: another file could not be rendered, so that nothing was written. */
  readonly state: "written" | "unchanged" | "failed" | "skipped";
  readonly durationMs: number;
  readonly problem?: string;
};

export type StepOutcome = {
  /** The command line for people, or what was read back. */
  readonly step: string;
  readonly state: "done" | "failed" | "skipped";
  readonly durationMs: number;
  readonly problem?: string;
};

export type ServiceOutcome = {
  readonly name: string;
  readonly state: "applied" | "failed" | "skipped";
  readonly commands: readonly StepOutcome[];
  /** What was asked of the running system after the commands. */
  readonly checks: readonly StepOutcome[];
  /** The last lines of the journal of each unit that failed. Not given when none did. */
  readonly journal?: readonly UnitLines[];
};

export type UnitLines = { readonly unit: string; readonly lines: readonly string[] };

export type ApplyOutcome = {
  /** The number of this outcome, never given twice. What was asked for while another apply ran is done in one go. */
  readonly number: number;
  /** The lowest number that this outcome answers for: `first` to `number` were done together. */
  readonly first: number;
  /** True when every file and every service is as wanted. */
  readonly ok: boolean;
  readonly generation: number;
  readonly at: string;
  readonly durationMs: number;
  readonly keys: readonly string[] | "all";
  readonly files: readonly FileOutcome[];
  readonly services: readonly ServiceOutcome[];
  /** Services that this was not about and that are still not as wanted since an earlier one. Not given when empty. */
  readonly stillFailing?: readonly string[];
};

/** Where an apply stands that was given a number. */
export type NumberedOutcome =
  | { readonly number: number; readonly state: "waiting" | "applying" }
  /** The program ended before it was through; a later apply may have done its work. */
  | { readonly number: number; readonly state: "interrupted" }
  | { readonly number: number; readonly state: "done"; readonly outcome: ApplyOutcome };
