/** The checksum of GPT headers and entry arrays: CRC-32 as in ISO 3309, seed and final inversion all ones (UEFI 2.10 §5.3.2). */
import { crc32 as zlibCrc32 } from "node:zlib";

export function crc32(bytes: Uint8Array): number {
  return zlibCrc32(bytes);
}
