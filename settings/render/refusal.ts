/** What a helper does with a value that its file's format cannot hold. */
import { Fault } from "../../base/result.ts";

export function refuse(value: unknown, wanted: string): never {
  const shown = JSON.stringify(value)?.slice(0, 200) ?? "nothing";
  throw new Fault("unprintable", `Cannot write ${shown} into a file: wanted ${wanted}`);
}

export function string(value: unknown, wanted: string): string {
  return typeof value === "string" ? value : refuse(value, wanted);
}

/** The members of a list; none where the setting is not set. */
export function list(value: unknown, wanted: string): readonly unknown[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : refuse(value, wanted);
}
