/**
 * What the first bytes of a disk say that is on it: a file system with its label, or a member of an array. As much as is
 * needed to know our own again; blkid(8) would be one more program in the image for these few numbers. Pure.
 */
import type { FileSystem } from "./names.ts";

/** Bytes from the start of a disk that `signatureOf` wants. */
export const SIGNATURE_BYTES = 8192;

export type Signature =
  | { readonly kind: "file-system"; readonly type: FileSystem; readonly label: string }
  /** `array`: the UUID of the array, in hexadecimal; `name` as mdadm keeps it, `HOST:NAME`. */
  | { readonly kind: "member"; readonly array: string; readonly name: string }
  | { readonly kind: "other" };

/** The superblock of an array comes first: a file system from before may still be there in front of it. */
export function signatureOf(bytes: Uint8Array): Signature {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < SIGNATURE_BYTES) return { kind: "other" };
  return memberIn(bytes, view) ?? xfsIn(bytes, view) ?? ext4In(bytes, view) ?? { kind: "other" };
}

/** Version 1.2 of md's superblock lies 4 KiB into the disk (md(4), linux/raid/md_p.h). */
function memberIn(bytes: Uint8Array, view: DataView): Signature | undefined {
  const at = 4096;
  if (view.getUint32(at, true) !== 0xa92b_4efc || view.getUint32(at + 4, true) !== 1) return undefined;
  const array = Buffer.from(bytes.subarray(at + 16, at + 32)).toString("hex");
  return { kind: "member", array, name: text(bytes.subarray(at + 32, at + 64)) };
}

/** `sb_inprogress` (byte 126) is set until mkfs.xfs has come to its end, so what a power cut left does not count. */
function xfsIn(bytes: Uint8Array, view: DataView): Signature | undefined {
  if (view.getUint32(0, false) !== 0x5846_5342 || bytes[126] !== 0) return undefined;
  return { kind: "file-system", type: "xfs", label: text(bytes.subarray(108, 120)) };
}

/** The superblock lies 1 KiB into the disk; mke2fs writes it last. What tells ext4 from its elders are extents. */
function ext4In(bytes: Uint8Array, view: DataView): Signature | undefined {
  const at = 1024;
  const extents = 0x40;
  if (view.getUint16(at + 56, true) !== 0xef53 || (view.getUint32(at + 96, true) & extents) === 0) return undefined;
  return { kind: "file-system", type: "ext4", label: text(bytes.subarray(at + 120, at + 136)) };
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}
