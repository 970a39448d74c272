/**
 * GUIDs as UEFI stores them: the first three groups little-endian, the last two as written (UEFI 2.10 appendix A).
 * In memory a GUID is its lower-case text.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

declare const guidBrand: unique symbol;
export type Guid = string & { readonly [guidBrand]: true };

export const GUID_BYTES = 16;

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Where each byte of the text form lies on disk. */
const diskOrder: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** Type of an entry that is not in use. */
export const ZERO_GUID: Guid = guid("00000000-0000-0000-0000-000000000000");

export function parseGuid(text: string): Result<Guid, "bad-guid"> {
  const lower = text.toLowerCase();
  if (!isGuid(lower)) {
    return fail(new Fault("bad-guid", `Cannot read GUID "${text}": wanted 8-4-4-4-12 hexadecimal digits`));
  }
  return ok(lower);
}

/** A GUID constant of the program text. Throws a plain error when it is not one, since that is a bug. */
export function guid(text: string): Guid {
  if (!isGuid(text)) throw new Error(`Not a GUID in lower case: "${text}"`);
  return text;
}

export function encodeGuid(value: Guid): Uint8Array {
  const digits = Buffer.from(value.replaceAll("-", ""), "hex");
  return Uint8Array.from(diskOrder, (from) => digits[from] ?? 0);
}

/** Preconditions: `bytes` has 16 bytes from `offset` on. */
export function decodeGuid(bytes: Uint8Array, offset = 0): Guid {
  const stored = bytes.subarray(offset, offset + GUID_BYTES);
  const hex = Buffer.from(diskOrder.map((from) => stored[from] ?? 0)).toString("hex");
  const cuts = [0, 8, 12, 16, 20, 32];
  return guid(
    cuts
      .slice(1)
      .map((end, index) => hex.slice(cuts[index], end))
      .join("-"),
  );
}

function isGuid(text: string): text is Guid {
  return pattern.test(text);
}
