/**
 * Key names: segments joined by dots, quoted where a segment holds a dot. Contracts section 2.1. Quotes never widen
 * the characters of a segment and are not part of the key: two names of the same segments are the same key.
 */
import { Fault, fail, ok, type Result } from "../base/result.ts";

export const MAX_NAME_BYTES = 255;

/** The segments of a key, checked; made by `parseKey` and `keyOf` only. */
export type Key = readonly [string, ...string[]];

const segmentPattern = /^[A-Za-z0-9_\-/.]+$/;

/** Reads a name; quotes may stand anywhere in it and switch the meaning of dots off and on. */
export function parseKey(name: string): Result<Key, "invalid-key"> {
  const segments: string[] = [];
  let segment = "";
  let quoted = false;
  for (const char of name) {
    if (char === '"') {
      quoted = !quoted;
    } else if (char === "." && !quoted) {
      segments.push(segment);
      segment = "";
    } else {
      segment += char;
    }
  }
  if (quoted) return refuse(name, "a quote is not closed");
  return keyOf([...segments, segment], name);
}

/** Checks segments that did not come from a name, such as the members of a JSON object. */
export function keyOf(segments: readonly string[], shown?: string): Result<Key, "invalid-key"> {
  const [first, ...rest] = segments;
  const name = formatKey(segments);
  if (first === undefined || name === "") return refuse(shown ?? name, "it is empty");
  for (const segment of segments) {
    if (segment === "") return refuse(shown ?? name, "a segment is empty");
    if (!segmentPattern.test(segment)) {
      return refuse(shown ?? name, "only letters, digits, _, - and / are allowed, and dots inside quotes");
    }
  }
  if (name.length > MAX_NAME_BYTES) return refuse(shown ?? name, `it is longer than ${MAX_NAME_BYTES} bytes`);
  return ok([first, ...rest]);
}

/** The name of a key: a segment that holds a dot is quoted, no other. */
export function formatKey(segments: readonly string[]): string {
  return segments.map((segment) => (segment.includes(".") ? `"${segment}"` : segment)).join(".");
}

function refuse(name: string, problem: string): Result<never, "invalid-key"> {
  const shown = name.length > 300 ? `${name.slice(0, 300)}…` : name;
  return fail(new Fault("invalid-key", `Cannot read the key ${JSON.stringify(shown)}: ${problem}`));
}
