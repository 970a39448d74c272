/**
 * Saying what is wrong with a value: what was wanted and what was got, in few printable characters whatever a client
 * sent. Nothing here recurses into a value, so that a deep one cannot exhaust the stack.
 */
import type * as z from "zod";
import type { Problem } from "../fault.ts";
import { formatKey } from "../key.ts";

/** Characters shown of a text that came from outside. */
const SHOWN = 80;
const SHOWN_PATH = 300;
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function wrongValue(path: string, wanted: string, value: unknown): Problem {
  const got = shownValue(value);
  return { path, message: `${wanted}, got ${got}`, wanted, got };
}

/** The problem behind one issue of a schema; `value` is what the schema was given, `at` its key. */
export function problemOf(at: readonly string[], issue: z.core.$ZodIssue, value: unknown): Problem {
  const inside = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  const wanted =
    issue.code === "invalid_type" ? `must be ${typeNames[issue.expected] ?? issue.expected}` : issue.message;
  return wrongValue(`${shownPath(at)}${inside}`, wanted, valueAt(value, issue.path));
}

/** A path that may hold anything a client sent: cut, and printable. */
export function shownPath(segments: readonly string[]): string {
  return escape(formatKey(segments).slice(0, SHOWN_PATH));
}

/** A value in a few words. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") {
    const more = value.length > SHOWN ? `… (${value.length} characters)` : "";
    return escape(`${JSON.stringify(value.slice(0, SHOWN))}${more}`);
  }
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Date) return "a date";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return "an object";
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function valueAt(value: unknown, steps: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of steps) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = Reflect.get(at, step);
  }
  return at;
}

function escape(text: string): string {
  return text.replace(unprintable, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
