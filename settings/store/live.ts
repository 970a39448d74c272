/** Live settings in their nested form, all of them or those that are asked for. Contracts section 5.3. */
import { SettingsFault, type Problem } from "../fault.ts";
import { formatKey, parseKey } from "../key.ts";
import { treeOfNames } from "../transactions/transactions.ts";
import type { SettingValue, Tree } from "../tree.ts";
import type { LiveValue } from "./schema.ts";

export type SettingsFilter = {
  /** Full names with `settings.` in front; unknown ones are skipped. Wins over `prefix`. */
  readonly keys?: readonly string[];
  /** Start of a name, as text, with or without `settings.`. */
  readonly prefix?: string;
};

const OUTER = "settings";

export function liveTree(live: ReadonlyMap<string, LiveValue>, filter: SettingsFilter = {}): Tree {
  const wanted = filter.keys === undefined ? byPrefix(live, filter.prefix ?? "") : byKeys(live, filter.keys);
  return treeOfNames(wanted);
}

/** Whether `name` is `at`, or a member of it at any depth. */
export function isAtOrBelow(name: string, at: string): boolean {
  return name === at || name.startsWith(`${at}.`);
}

type Named = readonly (readonly [string, SettingValue])[];

function byPrefix(live: ReadonlyMap<string, LiveValue>, prefix: string): Named {
  const start = prefix === OUTER || prefix.startsWith(`${OUTER}.`) ? prefix : `${OUTER}.${prefix}`;
  return [...live].filter(([name]) => name.startsWith(start)).map(([name, { value }]) => [name, value]);
}

function byKeys(live: ReadonlyMap<string, LiveValue>, keys: readonly string[]): Named {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const text of keys) {
    const key = parseKey(text);
    if (key.ok) names.add(formatKey(key.value));
    else problems.push({ path: OUTER, message: key.fault.message });
  }
  if (problems.length > 0) throw new SettingsFault("invalid-key", "Cannot look these keys up", problems);
  // By name, not by going through all there is: a client that asks for one key must not pay for a thousand.
  return [...names].sort().flatMap((name) => {
    const found = live.get(name);
    return found === undefined ? [] : [[name, found.value] as const];
  });
}
