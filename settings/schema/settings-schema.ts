/** The settings as JSON Schema (2020-12), from their one definition. */
import * as z from "zod";
import type { AnyDefinition } from "../model/definition.ts";
import { isVariantOf } from "../model/elsewhere.ts";
import { anyModel } from "../model/model.ts";

export type Schema = Readonly<Record<string, unknown>>;

/** What a schema refines beyond JSON Schema is judged by the model; here it is only less strict. */
export function settingsSchema(variant?: string): Schema {
  return schemaOf(anyModel, variant);
}

/**
 * A part of the model; a map and a collection are objects with any names. Of groups only what `variant` has; without
 * one, what any has.
 */
export function schemaOf(definition: AnyDefinition, variant?: string): Schema {
  const { description } = definition;
  switch (definition.kind) {
    case "setting": {
      const { default: standard, example } = definition;
      return {
        description,
        ...fromZod(definition.schema),
        ...(standard === undefined ? {} : { default: standard }),
        ...(example === undefined ? {} : { examples: [example] }),
      };
    }
    case "map":
      return named(description, definition.memberName, fromZod(definition.schema));
    case "collection":
      return named(description, definition.memberName, schemaOf(definition.member, variant));
    case "group": {
      const members = Object.entries(definition.members)
        .filter(([, { variants }]) => variants === undefined || variant === undefined || isVariantOf(variant, variants))
        .map(([name, member]) => [name, schemaOf(member, variant)] as const);
      return { type: "object", description, properties: Object.fromEntries(members), additionalProperties: false };
    }
    default:
      return definition satisfies never;
  }
}

function named(description: string, memberName: z.ZodType, member: Schema): Schema {
  return { type: "object", description, propertyNames: fromZod(memberName), additionalProperties: member };
}

/** Of what goes in and what comes out, the stricter: what comes out is what may be stored, and nothing is converted. */
function fromZod(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: "any", io: "output" });
  return rest;
}

/** The same for a whole document of user data, in which settings stand in the table `settings`. */
export function documentSchema(variant?: string): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Sparkler user data",
    type: "object",
    properties: { settings: settingsSchema(variant) },
    required: ["settings"],
    additionalProperties: false,
  };
}
