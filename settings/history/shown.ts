/** History as it is shown: values of secret settings are replaced. */
import { isSecret, REDACTED } from "../model/secret.ts";
import type { Change, Generation } from "../store/generation.ts";
import type { SettingValue } from "../tree.ts";

export function shownGeneration(generation: Generation): Generation {
  return { ...generation, changes: generation.changes.map(shownChange) };
}

function shownChange(change: Change): Change {
  if (!isSecret(change.name)) return change;
  const { before, after } = change;
  return {
    ...change,
    ...(before === undefined ? {} : { before: REDACTED }),
    ...(after === undefined ? {} : { after: REDACTED }),
  };
}

export function shownValue(name: string, value: SettingValue): SettingValue {
  return isSecret(name) ? REDACTED : value;
}

/** A pair of values under any two member names. */
export function shownPair<T extends { readonly key: string; readonly from?: SettingValue; readonly to?: SettingValue }>(
  pair: T,
): T {
  if (!isSecret(pair.key)) return pair;
  const { from, to } = pair;
  return { ...pair, ...(from === undefined ? {} : { from: REDACTED }), ...(to === undefined ? {} : { to: REDACTED }) };
}
