/**
 * The GPT header, one sector (UEFI 2.10 §5.3.2). Only what this project writes is accepted: revision 1.0, 92 bytes,
 * 128 entries of 128 bytes, the entry array directly beside its header.
 */
import { fail, ok, type Result } from "../../base/result.ts";
import { crc32 } from "./crc32.ts";
import { decodeGuid, encodeGuid, type Guid } from "./guid.ts";
import { faultOf, type Problem } from "./problem.ts";

export type Lba = bigint;

export type CopyName = "primary" | "backup";

export type Header = {
  readonly myLba: Lba;
  readonly alternateLba: Lba;
  readonly firstUsableLba: Lba;
  readonly lastUsableLba: Lba;
  readonly diskGuid: Guid;
  readonly entriesLba: Lba;
  readonly entriesCrc32: number;
};

export const PRIMARY_LBA: Lba = 1n;
export const ENTRY_COUNT = 128;
export const ENTRY_BYTES = 128;
export const ENTRIES_BYTES: number = ENTRY_COUNT * ENTRY_BYTES;

const SIGNATURE = "EFI PART";
const REVISION = 0x0001_0000;
const HEADER_BYTES = 92;

/** Sectors of one entry array: 32 with sectors of 512 bytes, 4 with 4096. */
export function entriesSectors(sectorSize: number): bigint {
  return BigInt(ENTRIES_BYTES / sectorSize);
}

/** Where the entry array of a header lies: after the primary, before the backup. */
export function entriesLbaOf(copy: CopyName, myLba: Lba, sectorSize: number): Lba {
  return copy === "primary" ? myLba + 1n : myLba - entriesSectors(sectorSize);
}

/** One sector, checksummed. */
export function encodeHeader(header: Header, sectorSize: number): Uint8Array {
  const sector = new Uint8Array(sectorSize);
  const view = new DataView(sector.buffer);
  sector.set(new TextEncoder().encode(SIGNATURE));
  view.setUint32(8, REVISION, true);
  view.setUint32(12, HEADER_BYTES, true);
  view.setBigUint64(24, header.myLba, true);
  view.setBigUint64(32, header.alternateLba, true);
  view.setBigUint64(40, header.firstUsableLba, true);
  view.setBigUint64(48, header.lastUsableLba, true);
  sector.set(encodeGuid(header.diskGuid), 56);
  view.setBigUint64(72, header.entriesLba, true);
  view.setUint32(80, ENTRY_COUNT, true);
  view.setUint32(84, ENTRY_BYTES, true);
  view.setUint32(88, header.entriesCrc32, true);
  view.setUint32(16, crc32(sector.subarray(0, HEADER_BYTES)), true);
  return sector;
}

/**
 * Reads the sector at `lba`. Nothing past the checksum is looked at before the checksum holds; whether the numbers
 * make sense together is for `checkTable` to say.
 */
export function decodeHeader(sector: Uint8Array, copy: CopyName, lba: Lba): Result<Header, "bad-table"> {
  const action = `use the ${copy} GPT header at LBA ${lba}`;
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  const identity = identify(sector, view);
  if (identity !== undefined) return fail(faultOf("bad-table", action, [identity]));
  const header: Header = {
    myLba: view.getBigUint64(24, true),
    alternateLba: view.getBigUint64(32, true),
    firstUsableLba: view.getBigUint64(40, true),
    lastUsableLba: view.getBigUint64(48, true),
    diskGuid: decodeGuid(sector, 56),
    entriesLba: view.getBigUint64(72, true),
    entriesCrc32: view.getUint32(88, true),
  };
  const problems: Problem[] = [];
  const want = (path: string, is: bigint | number, wanted: bigint | number): void => {
    if (is !== wanted) problems.push({ path: `header.${path}`, message: `is ${is}, wanted ${wanted}` });
  };
  want("revision", view.getUint32(8, true), REVISION);
  want("reserved", view.getUint32(20, true), 0);
  want("myLba", header.myLba, lba);
  if (copy === "backup") want("alternateLba", header.alternateLba, PRIMARY_LBA);
  want("entriesLba", header.entriesLba, entriesLbaOf(copy, lba, sector.length));
  want("entryCount", view.getUint32(80, true), ENTRY_COUNT);
  want("entrySize", view.getUint32(84, true), ENTRY_BYTES);
  if (sector.subarray(HEADER_BYTES).some((byte) => byte !== 0)) {
    problems.push({ path: "header", message: "has data after its end, wanted zeros" });
  }
  return problems.length === 0 ? ok(header) : fail(faultOf("bad-table", action, problems));
}

function identify(sector: Uint8Array, view: DataView): Problem | undefined {
  if (sector.length < HEADER_BYTES) return { path: "header", message: `has ${sector.length} bytes, wanted a sector` };
  if (Buffer.from(sector.subarray(0, 8)).toString("latin1") !== SIGNATURE) {
    return { path: "header.signature", message: `is not "${SIGNATURE}"` };
  }
  const size = view.getUint32(12, true);
  if (size !== HEADER_BYTES) return { path: "header.size", message: `is ${size}, wanted ${HEADER_BYTES}` };
  const covered = Uint8Array.from(sector.subarray(0, HEADER_BYTES));
  covered.fill(0, 16, 20); // the checksum counts itself as zero
  if (crc32(covered) !== view.getUint32(16, true))
    return { path: "header.crc32", message: "does not match the header" };
  return undefined;
}
