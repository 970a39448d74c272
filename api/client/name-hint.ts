/** The name that somebody meant, for a name of a setting that there is not. The server knows all names. */
import { nearest } from "../../settings/model/nearest.ts";
import { jsonOf, objectsIn, textOf } from "./answers.ts";
import type { Api } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

/** Says for each of `keys` that starts no setting's name which one is near. A server that cannot tell is no failure. */
export async function nameHint(
  keys: readonly string[],
  { api, terminal }: { readonly api: Api; readonly terminal: Terminal },
): Promise<void> {
  const answered = await api({ method: "GET", uri: "/explain?key=settings" });
  if (!answered.ok) return;
  const names = objectsIn(jsonOf(answered.value)).map(({ key }) => textOf(key));
  for (const key of keys) {
    const hint = hintFor(key, names);
    if (hint !== undefined) terminal.err(`No setting is called "${key}"; did you mean "${hint}"?\n`);
  }
}

/** `names` are full names; the hint is written as `key` is, with or without the outer `settings`. */
export function hintFor(key: string, names: readonly string[]): string | undefined {
  const full = key.startsWith("settings.") ? key : `settings.${key}`;
  if (names.some((name) => name.startsWith(full))) return undefined;
  const groups = names.flatMap((name) => {
    const segments = name.split(".");
    return segments.slice(2).map((_, index) => segments.slice(0, index + 2).join("."));
  });
  const found = nearest(full, [...new Set([...names, ...groups])]);
  return found !== undefined && full !== key ? found.slice("settings.".length) : found;
}
