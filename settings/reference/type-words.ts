/** JSON Schema of a value in words. */
import type { Schema } from "../schema/settings-schema.ts";

export function typeOf(schema: Schema): string {
  const { type, enum: values, const: constant, anyOf, properties } = schema;
  const { items, prefixItems, additionalProperties, maxItems } = schema;
  if (Array.isArray(values)) return `one of ${values.map((each) => `\`${String(each)}\``).join(", ")}`;
  if (type === "array" && Array.isArray(prefixItems)) {
    return `list of ${prefixItems.map((each) => typeOf(record(each))).join(" and ")}`;
  }
  if (type === "array") return `list of ${bound(maxItems)}${typeOf(record(items))}`;
  if (Array.isArray(anyOf)) return anyOf.map((each) => typeOf(record(each))).join(" or ");
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (type === "object" && properties !== undefined) return `table of ${Object.keys(record(properties)).join(", ")}`;
  if (type === "object") return `${typeOf(record(additionalProperties))}, by names of your choice`;
  if (type === "string") return stringOf(schema);
  if (type === "integer") return `whole number, ${String(schema["minimum"])} to ${String(schema["maximum"])}`;
  if (type === "boolean") return "`true` or `false`";
  return "value";
}

function stringOf({ maxLength, pattern }: Schema): string {
  const most = typeof maxLength === "number" ? ` of ${maxLength} characters at most` : "";
  const form = typeof pattern === "string" ? ` of the form \`${pattern}\`` : "";
  return `text${most}${form}`;
}

function bound(maxItems: unknown): string {
  return typeof maxItems === "number" ? `${maxItems} at most: ` : "";
}

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
