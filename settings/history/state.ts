/** The settings of an earlier generation, got by undoing what came after it; exact, or refused. Pure. */
import { refuse, type SettingsResult } from "../fault.ts";
import type { Edit } from "../store/batch.ts";
import { type Generation, originOf } from "../store/generation.ts";
import type { LiveValue } from "../store/schema.ts";

export type State = ReadonlyMap<string, Edit>;

/** `kept` are the generations kept, newest first. The state of the oldest can be had, that of the one before cannot. */
export function stateAt(
  live: ReadonlyMap<string, LiveValue>,
  kept: readonly Generation[],
  number: number,
): SettingsResult<State, "unknown-generation"> {
  if (!kept.some((each) => each.number === number)) return unknown(kept, number);
  const state = new Map<string, Edit>();
  for (const [name, { value, source }] of live) state.set(name, { value, origin: originOf(source) });
  for (const made of kept) {
    if (made.number <= number) break;
    for (const { name, before, beforeOrigin, after } of made.changes) {
      if (!Bun.deepEquals(state.get(name)?.value, after, true)) {
        return refuse("unknown-generation", `Cannot tell the settings of generation ${number}: its history has a gap`);
      }
      if (before === undefined) state.delete(name);
      else state.set(name, { value: before, origin: beforeOrigin ?? { kind: "api" } });
    }
  }
  return { ok: true, value: state };
}

/** The one generation, or a refusal that says which there are. */
export function findGeneration(
  kept: readonly Generation[],
  number: number,
): SettingsResult<Generation, "unknown-generation"> {
  const found = kept.find((each) => each.number === number);
  return found === undefined ? unknown(kept, number) : { ok: true, value: found };
}

function unknown(kept: readonly Generation[], number: number): SettingsResult<never, "unknown-generation"> {
  const [newest, oldest] = [kept[0]?.number ?? 0, kept.at(-1)?.number ?? 0];
  const why = number < oldest ? "it is no longer kept" : "there is no such generation";
  return refuse("unknown-generation", `Cannot find generation ${number}: ${why}; kept are ${oldest} to ${newest}`);
}
