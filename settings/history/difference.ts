/** What is different between two states of the settings, name by name. Pure. */
import type { Edit } from "../store/batch.ts";
import type { SettingValue } from "../tree.ts";
import type { State } from "./state.ts";

/** `from` is absent where the key was not set, `to` where it no longer is. */
export type Difference = { readonly key: string; readonly from?: SettingValue; readonly to?: SettingValue };

/** In the order of the names; values that are equal are left out. */
export function differences(from: State, to: State): Difference[] {
  return namesOf(from, to).flatMap((key) => {
    const [before, after] = [from.get(key)?.value, to.get(key)?.value];
    if (Bun.deepEquals(before, after, true)) return [];
    return [{ key, ...(before === undefined ? {} : { from: before }), ...(after === undefined ? {} : { to: after }) }];
  });
}

/** The edits that make `to` of `from`, origins included. */
export function editsBetween(from: State, to: State): ReadonlyMap<string, Edit | undefined> {
  const changed = namesOf(from, to).filter((name) => !Bun.deepEquals(from.get(name), to.get(name), true));
  return new Map(changed.map((name) => [name, to.get(name)]));
}

function namesOf(from: State, to: State): string[] {
  return [...new Set([...from.keys(), ...to.keys()])].sort();
}
