/** The documents that `apiclient` reads: settings given as TOML or JSON. */
import type { parse } from "smol-toml";
import { Fault, fail, ok, reason, type Result } from "../../base/result.ts";
import { isObject, type JsonObject } from "./merge.ts";

/** The settings of a document in TOML or, failing that, JSON; a top-level `settings` is required. */
export async function readSettingsDocument(text: string, source: string): Promise<Result<JsonObject, "bad-document">> {
  // Loaded here, so that only who reads documents pays for it.
  const { parse: parseToml } = await import("smol-toml");
  const document = parseEither(text, parseToml);
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

function parseEither(text: string, parseToml: typeof parse): Result<unknown, "bad-document"> {
  let asToml: unknown;
  try {
    return ok(parseToml(text));
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
