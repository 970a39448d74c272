/**
 * Sizes as people write them on a command line: powers of 1024, with the unit's letter.
 */
import { Fault, fail, ok, type Result } from "../base/result.ts";

const factors: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const mib = 2 ** 20;

/** The firmware alone does not start with less. */
const leastMemoryMib = 64;
const mostMemoryMib = 2 ** 20;

/** Bytes of `512M`, `8G`, `8GiB`: a multiple of 512 in any case. */
export function parseSize(text: string): Result<number, "bad-size"> {
  const bytes = bytesOf(text);
  if (bytes !== undefined) return ok(bytes);
  return bad(`Cannot read the size "${text}": wanted is a number with K, M, G or T, as in "8G"`);
}

/** MiB of `512`, `512M`, `2G`. */
export function parseMemory(text: string): Result<number, "bad-size"> {
  const amount = /^\d{1,9}$/.test(text) ? Number(text) : (bytesOf(text) ?? Number.NaN) / mib;
  if (Number.isInteger(amount) && amount >= leastMemoryMib && amount <= mostMemoryMib) return ok(amount);
  const wanted = `wanted are MiB, or a number with M or G, ${leastMemoryMib} MiB at least`;
  return bad(`Cannot use "${text}" as memory: ${wanted}`);
}

function bytesOf(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(\d{1,9})([KMGT])(?:iB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * (factors[unit] ?? 0);
  return digits !== "" && bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

function bad(message: string): Result<never, "bad-size"> {
  return fail(new Fault("bad-size", message));
}
