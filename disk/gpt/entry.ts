/** One partition entry, 128 bytes (UEFI 2.10 §5.3.3). */
import type { Attributes } from "./attributes.ts";
import { decodeGuid, encodeGuid, type Guid, ZERO_GUID } from "./guid.ts";
import { ENTRY_BYTES, type Lba } from "./header.ts";
import type { Problem } from "./problem.ts";

export type Partition = {
  /** 1–128: place in the entry array, and the number in device names. */
  readonly number: number;
  readonly type: Guid;
  readonly guid: Guid;
  readonly firstLba: Lba;
  /** The last sector itself, not the one after it. */
  readonly lastLba: Lba;
  readonly attributes: Attributes;
  readonly name: string;
};

export const NAME_UNITS = 36;
const NAME_OFFSET = 56;

/** Preconditions: `partition` passed `checkTable`. */
export function encodeEntry(partition: Partition): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(entry.buffer);
  entry.set(encodeGuid(partition.type), 0);
  entry.set(encodeGuid(partition.guid), 16);
  view.setBigUint64(32, partition.firstLba, true);
  view.setBigUint64(40, partition.lastLba, true);
  view.setBigUint64(48, partition.attributes, true);
  entry.set(Buffer.from(partition.name, "utf16le"), NAME_OFFSET);
  return entry;
}

/** The entry, undefined for an unused one, or what makes its bytes odd. */
export function decodeEntry(entry: Uint8Array, number: number): Partition | Problem | undefined {
  const path = `partitions[${number}]`;
  if (entry.length !== ENTRY_BYTES) {
    return { path, message: `has ${entry.length} bytes, wanted ${ENTRY_BYTES}` };
  }
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const type = decodeGuid(entry, 0);
  if (type === ZERO_GUID) {
    return entry.some((byte) => byte !== 0) ? { path, message: "is unused but not empty" } : undefined;
  }
  const units = Buffer.from(entry.subarray(NAME_OFFSET)).toString("utf16le");
  const end = units.indexOf("\0");
  const name = end === -1 ? units : units.slice(0, end);
  if (units.slice(name.length).replaceAll("\0", "") !== "") {
    return { path: `${path}.name`, message: "has data after its end, wanted zeros" };
  }
  return {
    number,
    type,
    guid: decodeGuid(entry, 16),
    firstLba: view.getBigUint64(32, true),
    lastLba: view.getBigUint64(40, true),
    attributes: view.getBigUint64(48, true),
    name,
  };
}
