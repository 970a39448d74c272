/** Looking keys up in the model: what defines a key, what it affects, which keys have a default or a generator. */
import { formatKey, type Key, keyOf, parseKey } from "../key.ts";
import type { SettingValue } from "../tree.ts";
import type { AnyDefinition, Setting } from "./definition.ts";
import { lookUp, SETTINGS } from "./look-up.ts";
import { anyModel } from "./model.ts";

export { SETTINGS } from "./look-up.ts";

/** The services a key affects: those of the nearest ancestor that names any. Undefined for none, or an unknown key. */
export function servicesOf(segments: readonly string[]): readonly string[] | undefined {
  return lookUp(segments)?.services;
}

/** Whether the model has this key: a setting, a group, a map, or a possible member of one. */
export function isKnown(segments: readonly string[]): boolean {
  return lookUp(segments) !== undefined;
}

/**
 * All single settings of the model with their keys, in the order of the model; of those below a name that users choose,
 * the ones that have a default.
 */
export function allSettings(): readonly (readonly [Key, Setting<SettingValue>])[] {
  return [...walk([SETTINGS], anyModel)].flatMap(([segments, definition]) => {
    const key = keyOf(segments);
    if (!key.ok) throw key.fault;
    return definition.kind === "setting" ? [[key.value, definition] as const] : [];
  });
}

/** Full name → default value, for every setting that has one. */
export function defaultValues(): ReadonlyMap<string, SettingValue> {
  const defaults = allSettings().flatMap(([key, setting]) =>
    setting.default === undefined ? [] : [[formatKey(key), setting.default] as const],
  );
  return new Map(defaults);
}

/** Full name → generator's name, for every setting that has one. */
export function settingGenerators(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    allSettings().flatMap(([key, { generator }]) => (generator === undefined ? [] : [[formatKey(key), generator]])),
  );
}

/** Full name → services it affects, for those of `names` that are well-formed and affect any. */
export function affectedServices(names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const found = names.flatMap((name) => {
    const key = parseKey(name);
    const services = key.ok ? servicesOf(key.value) : undefined;
    return services === undefined ? [] : [[name, services] as const];
  });
  return Object.fromEntries(found);
}

function* walk(at: readonly string[], definition: AnyDefinition): Generator<[readonly string[], AnyDefinition]> {
  yield [at, definition];
  if (definition.kind === "collection") yield* defaultMembers(at, definition);
  if (definition.kind !== "group") return;
  for (const [name, member] of Object.entries(definition.members)) yield* walk([...at, name], member);
}

type AnyCollection = Extract<AnyDefinition, { readonly kind: "collection" }>;

function* defaultMembers(
  at: readonly string[],
  { member, defaults = {} }: AnyCollection,
): Generator<[readonly string[], AnyDefinition]> {
  for (const [name, values] of Object.entries(defaults)) {
    for (const [below, setting] of Object.entries(member.members)) {
      const value = values[below];
      if (setting.kind === "setting" && value !== undefined)
        yield [[...at, name, below], { ...setting, default: value }];
    }
  }
}
