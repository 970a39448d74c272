/** For the tests here: image files of OS disks, a device whose power fails, a sysfs in a folder. */
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault, reason } from "../../base/result.ts";
import type { BlockDevice } from "../../disk/gpt/device.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import type { Table } from "../../disk/gpt/table.ts";
import { writeTable } from "../../disk/gpt/write.ts";

/** Runs `work` with a new folder, which is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "slots-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why `work` failed; empty when it did not. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(() => "", reason);
}

/** Makes a sparse image file that holds `table`. */
export async function makeDisk(path: string, table: Table): Promise<void> {
  await using file = await open(path, "w");
  await file.truncate((Number(table.backupLba) + 1) * table.sectorSize);
  await using device = await FileDevice.open(path, { writable: true });
  await writeTable(device, table);
}

/** Passes through to `device` until `power` bytes were written; what follows is lost, and writing is a fault. */
export function failingDevice(device: BlockDevice, power: number): BlockDevice {
  let left = power;
  return {
    sectorSize: device.sectorSize,
    size: device.size,
    read: (offset, length) => device.read(offset, length),
    write: async (offset, bytes) => {
      const arriving = bytes.subarray(0, left);
      left -= arriving.length;
      await device.write(offset, arriving);
      if (arriving.length < bytes.length) throw new Fault("write-failed", "Cannot write: power failed");
    },
    flush: () => device.flush(),
  };
}

/** One block device of a made-up sysfs: folder below `devices`, with what it stands on. */
export type FakeBlock = {
  readonly folder: string;
  readonly dev: string;
  readonly partition?: number;
  readonly slaves?: readonly string[];
  readonly node?: string;
};

/** Lays out `blocks` below `sys` as the kernel does: folders, `dev/block/MAJOR:MINOR` links, `slaves` links. */
export async function makeSys(sys: string, blocks: readonly FakeBlock[]): Promise<void> {
  await mkdir(join(sys, "dev/block"), { recursive: true });
  for (const block of blocks) {
    const folder = join(sys, "devices", block.folder);
    await mkdir(join(folder, "slaves"), { recursive: true });
    await writeFile(join(folder, "uevent"), `MAJOR=1\nDEVNAME=${block.node ?? block.folder.split("/").at(-1)}\n`);
    if (block.partition !== undefined) await writeFile(join(folder, "partition"), `${block.partition}\n`);
    await symlink(folder, join(sys, "dev/block", block.dev));
    for (const slave of block.slaves ?? []) {
      await symlink(join(sys, "devices", slave), join(folder, "slaves", slave.split("/").at(-1) ?? slave));
    }
  }
}
