/**
 * Taking settings back. Staging names what is removed; at commit a setting with a default gets it back, and one with a
 * generator is generated anew, so that a removed setting is what it was on a machine where nobody has set it.
 */
import type { Log } from "../../base/log.ts";
import { refuse, type Problem, type SettingsResult } from "../fault.ts";
import { generate } from "../generators/generate.ts";
import { formatKey, parseKey } from "../key.ts";
import { defaultValues, isKnown, settingGenerators, SETTINGS } from "../model/describe.ts";
import type { Edit, Edits } from "../store/batch.ts";
import { isAtOrBelow } from "../store/live.ts";

/**
 * The removals that `keys` mean: of each key itself and of everything below it, among `names` (all that have a value).
 * Keys may leave the outer `settings` out. One that nothing is set at is fine; one that the model does not have is not.
 */
export function planRemoval(
  keys: readonly string[],
  names: Iterable<string>,
): SettingsResult<ReadonlyMap<string, undefined>, "invalid-key"> {
  const problems: Problem[] = [];
  const wanted: string[] = [];
  for (const text of keys) {
    const key = parseKey(text);
    if (!key.ok) problems.push({ path: SETTINGS, message: key.fault.message });
    else {
      const segments = key.value[0] === SETTINGS ? key.value : [SETTINGS, ...key.value];
      if (isKnown(segments)) wanted.push(formatKey(segments));
      else problems.push({ path: formatKey(segments), message: "is not a setting" });
    }
  }
  if (problems.length > 0) return refuse("invalid-key", "Cannot remove these settings", problems);
  const found = [...names].filter((name) => wanted.some((each) => isAtOrBelow(name, each)));
  return { ok: true, value: new Map(found.map((name) => [name, undefined])) };
}

export type RemovalPorts = { readonly root: string; readonly log: Log };

/** `edits` with each removal replaced by what comes in its place; a removal stays where nothing does. */
export async function resolveRemovals(
  edits: Edits,
  ports: RemovalPorts,
): Promise<SettingsResult<Edits, "generator-failed">> {
  const removed = new Set([...edits].flatMap(([name, edit]) => (edit === undefined ? [name] : [])));
  if (removed.size === 0) return { ok: true, value: edits };
  const resolved = new Map<string, Edit | undefined>(edits);
  const defaults = defaultValues();
  for (const name of removed) {
    const value = defaults.get(name);
    if (value !== undefined) resolved.set(name, { value, origin: { kind: "default" } });
  }
  if (Object.keys(settingGenerators()).some((name) => removed.has(name))) {
    const made = await generate({ ...ports, isSet: (name) => !removed.has(name) });
    if (!made.ok) return made;
    for (const [name, edit] of made.value) resolved.set(name, edit);
  }
  return { ok: true, value: resolved };
}
