/** The part of the engine that looks back; secret values are replaced in all of it. */
import type { Engine } from "../operations.ts";
import type { Store } from "../store/store.ts";
import { differences } from "./difference.ts";
import { shownGeneration, shownPair } from "./shown.ts";
import { findGeneration, stateAt } from "./state.ts";

export function history(store: Store): Pick<Engine, "generations" | "generationAt" | "diff"> {
  return {
    generations: () => store.generations().map(shownGeneration),
    generationAt(number) {
      const found = findGeneration(store.generations(), number);
      return found.ok ? { ok: true, value: shownGeneration(found.value) } : found;
    },
    diff(from, to = store.generation) {
      const kept = store.generations();
      const [before, after] = [stateAt(store.live, kept, from), stateAt(store.live, kept, to)];
      if (!before.ok) return before;
      return after.ok ? { ok: true, value: differences(before.value, after.value).map(shownPair) } : after;
    },
  };
}
