/** UUIDs that depend on a name only (RFC 9562 §5.8, version 8 over SHA-256), so that builds repeat to the byte. */
import { createHash } from "node:crypto";

export function derivedUuid(name: string): string {
  const bytes = createHash("sha256").update(`sparkler:${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A salt of 64 hexadecimal digits for `name`. */
export function derivedSalt(name: string): string {
  return createHash("sha256").update(`sparkler-salt:${name}`).digest("hex");
}
