/** What has to change for an earlier generation's settings to be live again, on top of a batch. */
import { refuse, type SettingsResult } from "../fault.ts";
import { parseKey } from "../key.ts";
import { decodePair } from "../model/decode.ts";
import { defaultValues } from "../model/describe.ts";
import type { Batch, Edit, Edits } from "../store/batch.ts";
import { originOf } from "../store/generation.ts";
import type { LiveValue } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { editsBetween } from "./difference.ts";
import { stateAt } from "./state.ts";

/** Refused when the generation is not kept, or when the model does not take one of its values any more. */
export function restoringEdits(
  store: Store,
  batch: Batch,
  generation: number,
): SettingsResult<Edits, "unknown-generation" | "invalid-settings"> {
  const live = liveIn(store, batch);
  const kept = [...batch.generations.toReversed(), ...store.generations()];
  const state = stateAt(live, kept, generation);
  if (!state.ok) return state;
  const problems = [...state.value].flatMap(([name, { value }]) => {
    const key = parseKey(name);
    return key.ok ? decodePair(key.value, value).problems : [{ path: name, message: key.fault.message }];
  });
  if (problems.length > 0) return refuse("invalid-settings", `Cannot restore generation ${generation}`, problems);
  const wanted = new Map(state.value);
  for (const [name, value] of defaultValues()) {
    if (!wanted.has(name)) wanted.set(name, { value, origin: { kind: "default" } });
  }
  const now = new Map<string, Edit>();
  for (const [name, { value, source }] of live) now.set(name, { value, origin: originOf(source) });
  return { ok: true, value: editsBetween(now, wanted) };
}

function liveIn(store: Store, batch: Batch): ReadonlyMap<string, LiveValue> {
  if (batch.touched.size === 0) return store.live;
  const live = new Map(store.live);
  for (const [name, value] of batch.touched) {
    if (value === undefined) live.delete(name);
    else live.set(name, value);
  }
  return live;
}
