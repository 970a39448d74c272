/** Finding what defines a key, step by step from the top, with what it inherits on the way. */
import type { AnyDefinition } from "./definition.ts";
import { anyModel } from "./model.ts";

/** The outermost segment of every setting's name. */
export const SETTINGS = "settings";

export type Found = {
  readonly definition: AnyDefinition;
  /** Undefined for none. */
  readonly services: readonly string[] | undefined;
  readonly secret: boolean;
  /** Undefined for all variants. */
  readonly variants: readonly string[] | undefined;
};

/** What `definition` has under `name`. A member of a map is a setting like any other. */
export function memberOf(definition: AnyDefinition, name: string): AnyDefinition | undefined {
  switch (definition.kind) {
    case "setting":
      return undefined;
    case "group":
      return Object.hasOwn(definition.members, name) ? definition.members[name] : undefined;
    case "map": {
      if (!definition.memberName.safeParse(name).success) return undefined;
      const { kind: _kind, memberName: _name, ...setting } = definition;
      return { ...setting, kind: "setting" };
    }
    case "collection":
      return definition.memberName.safeParse(name).success ? definition.member : undefined;
    default:
      return definition satisfies never;
  }
}

/** Undefined for a key that the model does not have; `segments` begins with the outer `settings`. */
export function lookUp(segments: readonly string[]): Found | undefined {
  if (segments[0] !== SETTINGS) return undefined;
  let found = inherit(anyModel);
  for (const segment of segments.slice(1)) {
    const next = memberOf(found.definition, segment);
    if (next === undefined) return undefined;
    found = inherit(next, found);
  }
  return found;
}

function inherit(definition: AnyDefinition, from?: Found): Found {
  return {
    definition,
    services: definition.services ?? from?.services,
    secret: definition.secret ?? from?.secret ?? false,
    variants: definition.variants ?? from?.variants,
  };
}
