/** Values through migrations, each keeping where it came from; a value that a migration makes is a default. Pure. */
import type { Edit } from "../store/batch.ts";
import type { State } from "../history/state.ts";
import type { Values } from "./migration.ts";

export function carry(state: State, steps: readonly ((values: Values) => Values)[]): State {
  if (steps.length === 0) return state;
  const values: Values = new Map([...state].map(([name, { value }]) => [name, value]));
  const after = steps.reduce((each, step) => step(each), values);
  const carried = new Map<string, Edit>();
  for (const [name, value] of after) {
    carried.set(name, { value, origin: state.get(name)?.origin ?? { kind: "default" } });
  }
  return carried;
}
