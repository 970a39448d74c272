/** Answers of the API as values. They come from a server that may be another version, so as little as needed is asked of them. */
import { Fault, reason } from "../../base/result.ts";
import type { Answer } from "./connection.ts";
import { isObject, type JsonObject } from "./merge.ts";

/** Throws `Fault("bad-answer")` when it is no JSON. */
export function jsonOf({ body }: Answer): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return value;
  } catch (cause) {
    throw new Fault("bad-answer", `Cannot read the answer: ${reason(cause)}`);
  }
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** A text as it is, a number in digits, everything else as JSON; nothing for what is absent. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

export function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
