/**
 * What has to change in a store before it is served: values that the model does not take go (they stay in the history),
 * settings with a default and no value get it. Defaults never replace a value. Contracts section 3.
 */
import type { Problem } from "../fault.ts";
import { parseKey } from "../key.ts";
import { decodePair } from "../model/decode.ts";
import { defaultValues } from "../model/describe.ts";
import type { LiveValue } from "./schema.ts";
import type { Edit, Edits } from "./batch.ts";

export type Mending = { readonly edits: Edits; readonly problems: readonly Problem[] };

export function planMending(live: ReadonlyMap<string, LiveValue>): Mending {
  const edits = new Map<string, Edit | undefined>();
  const problems: Problem[] = [];
  for (const [name, { value }] of live) {
    const key = parseKey(name);
    const found = key.ok ? decodePair(key.value, value).problems : [{ path: name, message: key.fault.message }];
    if (found.length === 0) continue;
    edits.set(name, undefined);
    problems.push(...found);
  }
  for (const [name, value] of defaultValues()) {
    if (!live.has(name) || edits.has(name)) edits.set(name, { value, origin: { kind: "default" } });
  }
  return { edits, problems };
}
