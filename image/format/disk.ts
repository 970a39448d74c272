/** Putting partition images and a partition table together into one sparse disk image. */
import { type FileHandle, open } from "node:fs/promises";
import { Fault, orThrow } from "../../base/result.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import { planTable } from "../../disk/gpt/plan.ts";
import { writeTable } from "../../disk/gpt/write.ts";
import type { DiskLayout, PartitionContent } from "../layout.ts";

const MIB = 2 ** 20;
const SECTOR = 512;

/** Writes the disk to `target`. `images` are the files for the contents that the layout names. */
export async function makeDisk(
  target: string,
  layout: DiskLayout,
  images: Readonly<Record<NonNullable<PartitionContent>, string>>,
): Promise<void> {
  const table = orThrow(
    planTable({
      sectorSize: SECTOR,
      diskSectors: BigInt((layout.sizeMiB * MIB) / SECTOR),
      diskGuid: layout.diskGuid,
      partitions: layout.partitions,
    }),
  );
  await using disk = await open(target, "w");
  await disk.truncate(layout.sizeMiB * MIB);
  for (const { content, startMiB, sizeMiB, name } of layout.partitions) {
    if (content === undefined) continue;
    await copyInto(disk, images[content], { name, offset: startMiB * MIB, size: sizeMiB * MIB });
  }
  await using device = await FileDevice.open(target, { writable: true, sectorSize: SECTOR });
  await writeTable(device, table);
}

/** A stretch of the disk, in bytes. */
type Room = { readonly name: string; readonly offset: number; readonly size: number };

/** Copies a file into its room, leaving holes where it is zero. */
async function copyInto(disk: FileHandle, path: string, room: Room): Promise<void> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  if (size > room.size)
    throw new Fault("too-large", `Cannot fit ${size} bytes into ${room.name}, which has ${room.size}`);
  const zero = Buffer.alloc(64 * 1024);
  const buffer = Buffer.alloc(zero.length);
  for (let at = 0; at < size; at += buffer.length) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    const piece = buffer.subarray(0, bytesRead);
    if (!piece.equals(zero.subarray(0, bytesRead))) await disk.write(piece, 0, bytesRead, room.offset + at);
  }
}
