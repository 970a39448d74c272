/** The settings as JSON Schema, from their one definition. */
import * as z from "zod";
import type { AnyDefinition } from "../../settings/model/definition.ts";
import { anyModel } from "../../settings/model/model.ts";

type Schema = Readonly<Record<string, unknown>>;

export function settingsSchema(): Schema {
  return schemaOf(anyModel);
}

/** A member that is `null` counts as not given, so each may be. */
function schemaOf(definition: AnyDefinition): Schema {
  const { description } = definition;
  if (definition.kind === "setting") return { description, ...fromZod(definition.schema) };
  if (definition.kind === "map") {
    return { type: "object", description, additionalProperties: fromZod(definition.schema) };
  }
  const properties = Object.fromEntries(
    Object.entries(definition.members).map(([name, member]) => [name, schemaOf(member)]),
  );
  return { type: "object", description, properties, additionalProperties: false };
}

function fromZod(schema: z.ZodType): Schema {
  // What a schema refines beyond JSON Schema is judged by the server; here it is only less strict.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: "any", io: "input" });
  return rest;
}
