/**
 * The mode of what has run once becomes `off`, through the API. First it runs, then it is marked: when power fails
 * between the two it runs again at the next boot, so `once` means at least once, and exactly once where nothing failed.
 * The other order would lose it. The commit of the mark is whole or not at all, as every commit is.
 */
import { Fault, orThrow } from "../../base/result.ts";
import type { BootstrapMode } from "../../settings/types/bootstrap-mode.ts";
import { isTree } from "../../settings/tree.ts";
import type { RunApiclient } from "./api-program.ts";

export type Section = "bootstrap-containers" | "bootstrap-commands";

export type Marking = {
  readonly section: Section;
  readonly name: string;
  /** The mode with which it was run. */
  readonly mode: BootstrapMode;
};

/**
 * Whether it was set to `off`: only where it ran as `once` and still is so, since it may have been changed or taken back
 * meanwhile, and what is gone must not come back. Throws the fault of the call that failed.
 */
export async function mark({ section, name, mode }: Marking, call: RunApiclient): Promise<boolean> {
  if (mode !== "once") return false;
  const key = `settings.${section}.${name}.mode`;
  const asked = orThrow(await call(["get", key]));
  if (modeIn(asked.stdout, section, name) !== "once") return false;
  orThrow(await call(["set", "--no-wait", "--message", `${name} has run`, `${section}.${name}.mode=off`]));
  return true;
}

function modeIn(text: string, section: Section, name: string): unknown {
  let at: unknown;
  try {
    at = JSON.parse(text);
  } catch (cause) {
    throw Fault.from("bad-answer", "Cannot read what apiclient says", cause);
  }
  for (const word of ["settings", section, name, "mode"]) at = isTree(at) ? at[word] : undefined;
  return at;
}
