import { expect, test } from "bun:test";
import { SIGNATURE_BYTES, signatureOf } from "./signature.ts";

function bytes(...pieces: readonly (readonly [number, string | readonly number[]])[]): Uint8Array {
  const made = new Uint8Array(SIGNATURE_BYTES);
  for (const [at, piece] of pieces) made.set(typeof piece === "string" ? Buffer.from(piece) : piece, at);
  return made;
}

const xfs = [
  [0, "XFSB"],
  [108, "ephemeral"],
] as const;
const ext4 = [
  [1024 + 56, [0x53, 0xef]],
  [1024 + 96, [0x40]],
  [1024 + 120, "ephemeral"],
] as const;
const member = [
  [4096, [0xfc, 0x4e, 0x2b, 0xa9, 1]],
  [4112, [0xab]],
  [4128, "any:ephemeral"],
] as const;

test("signatureOf() knows file systems and their labels", () => {
  expect(signatureOf(bytes(...xfs))).toEqual({ kind: "file-system", type: "xfs", label: "ephemeral" });
  expect(signatureOf(bytes(...ext4))).toEqual({ kind: "file-system", type: "ext4", label: "ephemeral" });
  expect(signatureOf(bytes([0, "XFSB"], [108, "twelve chars"]))).toMatchObject({ label: "twelve chars" });
});

test("signatureOf() does not take a file system for one that was not made to its end", () => {
  expect(signatureOf(bytes(...xfs, [126, [1]]))).toEqual({ kind: "other" });
});

test("signatureOf() sees the member of an array before the file system that it was", () => {
  const array = `ab${"0".repeat(30)}`;
  expect(signatureOf(bytes(...xfs, ...member))).toEqual({ kind: "member", array, name: "any:ephemeral" });
});

test("signatureOf() says nothing of other things", () => {
  expect(signatureOf(bytes())).toEqual({ kind: "other" });
  expect(signatureOf(bytes(...xfs).subarray(0, 512))).toEqual({ kind: "other" });
  expect(signatureOf(bytes([1024 + 56, [0x53, 0xef]]))).toEqual({ kind: "other" }); // ext3
});
