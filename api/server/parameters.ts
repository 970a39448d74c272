/** What the parameters of several endpoints mean. */
import { Fault, orThrow } from "../../base/result.ts";
import type { SettingsFilter } from "../../settings/engine.ts";
import { parseKey } from "../../settings/key.ts";

export type Query = ReadonlyMap<string, string>;

const DEFAULT_TX = "default";

export function txParameter(query: Query): string {
  return query.get("tx") ?? DEFAULT_TX;
}

/** The members of a list with commas, or undefined without the parameter. Throws `Fault("bad-query")`. */
export function listParameter(query: Query, name: string): readonly string[] | undefined {
  const list = query.get(name)?.split(",");
  if (list?.includes("") === true) {
    throw new Fault("bad-query", `Cannot use the parameter "${name}": a member of the list is empty`);
  }
  return list;
}

/** Well-formed key names. Throws `Fault` with `bad-query` or `invalid-key`. */
export function keysParameter(query: Query): readonly string[] | undefined {
  const keys = listParameter(query, "keys");
  for (const key of keys ?? []) orThrow(parseKey(key));
  return keys;
}

export function requiredKeys(query: Query): readonly string[] {
  const keys = keysParameter(query);
  if (keys === undefined) throw new Fault("bad-query", 'Cannot answer: the parameter "keys" is missing');
  return keys;
}

/** A prefix given to one section, which may start with the name of that section. */
export function withoutSection(prefix: string, section: string): string {
  if (prefix === section) return "";
  return prefix.startsWith(`${section}.`) ? prefix.slice(section.length + 1) : prefix;
}

export function settingsPrefix(prefix: string): SettingsFilter {
  const inner = withoutSection(prefix, "settings");
  return inner === "" ? {} : { prefix: `settings.${inner}` };
}

/** The members whose name starts with `prefix`. */
export function startingWith<Value>(
  members: Readonly<Record<string, Value>>,
  prefix: string,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => name.startsWith(prefix)));
}

/** A whole number, or undefined without the parameter. Throws `Fault("bad-query")`. */
export function numberParameter(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw new Fault("bad-query", `Cannot use the parameter "${name}": wanted a number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** False without the parameter. Throws `Fault("bad-query")`. */
export function flagParameter(query: Query, name: string): boolean {
  const text = query.get(name) ?? "false";
  if (text !== "true" && text !== "false") {
    throw new Fault("bad-query", `Cannot use the parameter "${name}": wanted true or false`);
  }
  return text === "true";
}

/** The number in a path. Throws `Fault("bad-query")`. */
export function numberPart(part: string): number {
  if (!/^\d{1,15}$/.test(part)) throw new Fault("bad-query", "Cannot read the address: wanted a number in its path");
  return Number(part);
}
