/** Partition sets in the disk file of a machine that is off: their flags, their bytes, and damage to both. */
import { open, readFile } from "node:fs/promises";
import { orThrow } from "../../base/result.ts";
import { type BootFlags, withBootFlags } from "../../disk/gpt/attributes.ts";
import { crc32 } from "../../disk/gpt/crc32.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import { readTable, type TableReading } from "../../disk/gpt/read.ts";
import { withAttributes } from "../../disk/gpt/table.ts";
import { writeTable } from "../../disk/gpt/write.ts";
import { findSets, type PartitionSet, type SetName } from "../../disk/set/sets.ts";
import { PARTITION_TYPES } from "../../disk/set/types.ts";
import { readState, type SetState } from "../../disk/set/state.ts";

export type Kind = keyof PartitionSet;

/** A set that was written and is to be tried once, before the one with priority 1. */
export const TRIED_ONCE: BootFlags = { priority: 2, triesLeft: 1, successful: false, starts: 0 };

export async function readFlags(disk: string): Promise<SetState> {
  const { table } = await reading(disk);
  return readState(orThrow(findSets(table)), "A");
}

/** Which copies of the table are bad, and why; empty when all is well. */
export async function tableDamage(disk: string): Promise<readonly string[]> {
  return (await reading(disk)).damage.map(({ where, message }) => `${where}: ${message}`);
}

export async function writeFlags(disk: string, flags: { readonly [Name in SetName]?: BootFlags }): Promise<void> {
  await using device = await FileDevice.open(disk, { writable: true });
  const { table } = orThrow(await readTable(device));
  const sets = orThrow(findSets(table));
  const changed = new Map<number, bigint>();
  for (const name of ["A", "B"] as const) {
    const [boot, wanted] = [sets[name]?.boot, flags[name]];
    if (boot !== undefined && wanted !== undefined) changed.set(boot.number, withBootFlags(boot.attributes, wanted));
  }
  await writeTable(device, withAttributes(table, changed));
}

/** Writes flags to the backup of the table only: a copy that is well formed, and not what the primary says. */
export async function makeBackupStale(disk: string, flags: Parameters<typeof writeFlags>[1]): Promise<void> {
  const primary = Buffer.alloc(33 * 512);
  await using file = await open(disk, "r+");
  await file.read(primary, 0, primary.length, 512);
  await writeFlags(disk, flags);
  await file.write(primary, 0, primary.length, 512);
}

/**
 * Gives the primary a revision that nobody knows, with its checksum right. One whose checksum is wrong is mended by the
 * firmware of the test machine before the selector sees it; this it lets pass, and the selector does not.
 */
export async function spoilPrimary(disk: string): Promise<void> {
  const header = Buffer.alloc(92);
  await using file = await open(disk, "r+");
  await file.read(header, 0, header.length, 512);
  header.writeUInt32LE(0x0002_0000, 8);
  header.writeUInt32LE(0, 16);
  header.writeUInt32LE(crc32(header), 16);
  await file.write(header, 0, header.length, 512);
}

/** Where a partition lies in the disk file, in bytes. */
export async function placeOf(disk: string, set: SetName, kind: Kind): Promise<{ offset: number; size: number }> {
  const { table } = await reading(disk);
  const partition = orThrow(findSets(table))[set]?.[kind];
  if (partition === undefined) throw new Error(`no ${kind} partition of set ${set}`);
  const sectors = Number(partition.lastLba - partition.firstLba) + 1;
  return { offset: Number(partition.firstLba) * table.sectorSize, size: sectors * table.sectorSize };
}

/** The same of DATA. */
export async function dataPlace(disk: string): Promise<{ offset: number; size: number }> {
  const { table } = await reading(disk);
  const data = table.partitions.find(({ type }) => type === PARTITION_TYPES.data);
  if (data === undefined) throw new Error("no DATA partition");
  const sectors = Number(data.lastLba - data.firstLba) + 1;
  return { offset: Number(data.firstLba) * table.sectorSize, size: sectors * table.sectorSize };
}

export async function readPartition(disk: string, set: SetName, kind: Kind): Promise<Buffer> {
  const { offset, size } = await placeOf(disk, set, kind);
  await using file = await open(disk, "r");
  const content = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(content, done, size - done, offset + done);
    if (bytesRead === 0) throw new Error("the disk ends inside the partition");
    done += bytesRead;
  }
  return content;
}

/** Writes `content` to the start of a partition; pieces that are zero stay or become holes only in a fresh disk. */
export async function writePartition(disk: string, set: SetName, kind: Kind, content: Uint8Array): Promise<void> {
  const { offset, size } = await placeOf(disk, set, kind);
  if (content.length > size) throw new Error(`${content.length} bytes do not fit into ${size}`);
  await using file = await open(disk, "r+");
  const piece = 1024 * 1024;
  const zero = Buffer.alloc(piece);
  for (let at = 0; at < content.length; at += piece) {
    const bytes = content.subarray(at, at + piece);
    const before = Buffer.alloc(bytes.length);
    await file.read(before, 0, before.length, offset + at);
    if (zero.subarray(0, bytes.length).equals(bytes) && zero.subarray(0, bytes.length).equals(before)) continue;
    await file.write(bytes, 0, bytes.length, offset + at);
  }
}

/** Makes B the same as A, but for its flags and GUIDs. */
export async function copySet(disk: string, to: SetName = "B"): Promise<void> {
  const from = to === "B" ? "A" : "B";
  for (const kind of ["boot", "root", "hash"] as const) {
    await writePartition(disk, to, kind, await readPartition(disk, from, kind));
  }
}

export type SetFiles = { readonly [Name in Kind]: string };

/** Writes the images of a set from files. */
export async function writeSet(disk: string, set: SetName, images: SetFiles): Promise<void> {
  for (const kind of ["boot", "root", "hash"] as const) {
    await writePartition(disk, set, kind, await readFile(images[kind]));
  }
}

/** Inverts one bit of the byte at `at` in a partition. Twice puts it back. */
export async function flipByte(disk: string, set: SetName, kind: Kind, at: number): Promise<void> {
  const { offset } = await placeOf(disk, set, kind);
  await flipDiskByte(disk, offset + at);
}

export async function flipDiskByte(disk: string, offset: number): Promise<void> {
  await using file = await open(disk, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte.writeUInt8(byte.readUInt8(0) ^ 0x10, 0);
  await file.write(byte, 0, 1, offset);
}

async function reading(disk: string): Promise<TableReading> {
  await using device = await FileDevice.open(disk);
  return orThrow(await readTable(device));
}
