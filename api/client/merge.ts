/** Objects of JSON, and laying one over another. */

export type JsonObject = { readonly [member: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Lays `top` over `base`: objects are merged through all levels, everything else is replaced. */
export function mergeJson(base: unknown, top: unknown): unknown {
  if (!isObject(base) || !isObject(top)) return top;
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [name, value] of Object.entries(top)) {
    merged.set(name, merged.has(name) ? mergeJson(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}
