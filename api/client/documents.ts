/** The documents that `apiclient` reads: answers to be merged, and settings given as TOML or JSON. */
import { parse } from "smol-toml";
import { Fault, fail, ok, reason, type Result } from "../../base/result.ts";

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

/** The settings of a document in TOML or, failing that, JSON; a top-level `settings` is required. */
export function readSettingsDocument(text: string, source: string): Result<JsonObject, "bad-document"> {
  const document = parseEither(text);
  if (!document.ok) return bad(`Cannot read "${source}": ${document.fault.message}`);
  const settings = isObject(document.value) ? document.value["settings"] : undefined;
  if (!isObject(settings)) return bad(`Cannot read "${source}": it has no table "settings"`);
  return ok(settings);
}

/** Settings given as JSON on the command line; an outer `settings` may stand around them. */
export function readSettingsArgument(json: string): Result<JsonObject, "bad-document"> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    return bad(`Cannot read JSON: ${reason(cause)}`);
  }
  if (!isObject(value)) return bad("Cannot read JSON: it is not an object");
  const inner = value["settings"];
  return ok(isObject(inner) && Object.keys(value).length === 1 ? inner : value);
}

function parseEither(text: string): Result<unknown, "bad-document"> {
  let asToml: unknown;
  try {
    return ok(parse(text));
  } catch (cause) {
    asToml = cause;
  }
  try {
    return ok(JSON.parse(text) as unknown);
  } catch (cause) {
    return bad(`neither TOML (${oneLine(asToml)}) nor JSON (${oneLine(cause)})`);
  }
}

function oneLine(cause: unknown): string {
  return reason(cause).split("\n")[0] ?? "";
}

function bad(message: string): Result<never, "bad-document"> {
  return fail(new Fault("bad-document", message));
}
