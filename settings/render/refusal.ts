/** What a helper does with a value that its file's format cannot hold. */
import { Fault } from "../../base/result.ts";

/** Does not show the value: it may be secret. */
export function refuse(value: unknown, wanted: string): never {
  const kind = value === null ? "nothing" : Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
  throw new Fault("unprintable", `Cannot write ${kind} into a file: wanted ${wanted}`);
}

export function string(value: unknown, wanted: string): string {
  return typeof value === "string" ? value : refuse(value, wanted);
}

/** The members of a list; none where the setting is not set. */
export function list(value: unknown, wanted: string): readonly unknown[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : refuse(value, wanted);
}
