/** What became of bootstrap containers, from what systemd says of their units. Pure. */
import type { BootstrapContainer } from "./configuration.ts";
import { unitOf } from "./create-containers.ts";

/** As `systemctl show` says it: property → value. */
export type UnitFacts = ReadonlyMap<string, string>;

export type Failure = {
  readonly name: string;
  readonly unit: string;
  readonly essential: boolean;
  /** In a few words: `exit status 3`. */
  readonly how: string;
};

export const FACTS: readonly string[] = ["Id", "LoadState", "ActiveState", "Result", "ExecMainCode", "ExecMainStatus"];

/** One paragraph of `Name=value` lines per unit, as `systemctl show` prints them, by the units' names. */
export function readFacts(text: string): ReadonlyMap<string, UnitFacts> {
  const units = text.split("\n\n").map((paragraph) => {
    const lines = paragraph.split("\n").filter((line) => line.includes("="));
    return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const));
  });
  return new Map(units.map((facts) => [facts.get("Id") ?? "", facts] as const));
}

/** Those that did not end well. A unit that nobody started counts as failed: its container has not done its work. */
export function failuresOf(
  containers: readonly BootstrapContainer[],
  facts: ReadonlyMap<string, UnitFacts>,
): readonly Failure[] {
  return containers.flatMap(({ name, essential }) => {
    const unit = unitOf(name);
    const how = problemOf(facts.get(unit));
    return how === undefined ? [] : [{ name, unit, essential, how }];
  });
}

function problemOf(facts: UnitFacts | undefined): string | undefined {
  const active = facts?.get("ActiveState");
  if (facts === undefined || active === undefined) return "systemd does not know its unit";
  if (active === "active") return undefined;
  const result = facts.get("Result") ?? "";
  if (result === "exit-code") return `exit status ${facts.get("ExecMainStatus") ?? "unknown"}`;
  if (result === "signal" || result === "core-dump") return `killed by signal ${facts.get("ExecMainStatus") ?? "?"}`;
  if (result === "success") return `it was not run: its unit is ${active}`;
  return `its unit is ${active} (${result})`;
}
