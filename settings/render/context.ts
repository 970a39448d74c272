/**
 * What templates see: every setting of the model by its name, `null` where it is not set, so that a misspelt name in a
 * template is an error while an unset one can be asked for.
 */
import type { AnyDefinition } from "../model/definition.ts";
import { anyModel } from "../model/model.ts";
import type { Settings } from "../model/settings.ts";
import { isTree } from "../tree.ts";

export type Context = { readonly settings: Readonly<Record<string, unknown>> };

export function templateContext(settings: Settings): Context {
  const filled = fill(anyModel, settings);
  return { settings: isTree(filled) ? filled : {} };
}

function fill(definition: AnyDefinition, value: unknown): unknown {
  if (definition.kind === "setting") return value ?? null;
  const given = isTree(value) ? value : {};
  if (definition.kind === "map") return given;
  if (definition.kind === "collection") {
    // Names are the users': no prototype, so that none means anything else.
    const filled = Object.entries(given).map(([name, member]) => [name, fill(definition.member, member)]);
    return Object.setPrototypeOf(Object.fromEntries(filled), null) as unknown;
  }
  const members = Object.entries(definition.members).map(([name, member]) => [name, fill(member, given[name])]);
  return Object.fromEntries(members) as unknown;
}
