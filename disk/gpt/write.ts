/**
 * Writing a table so that one good copy is on the disk at every moment: one copy, flush, the other copy, flush. Does
 * not tell the kernel; who changes sizes or places must do that.
 */
import { Fault, orThrow } from "../../base/result.ts";
import type { BlockDevice } from "./device.ts";
import type { CopyName } from "./header.ts";
import { isProtectiveMbr, MBR_BYTES, protectiveMbr } from "./mbr.ts";
import type { TableReading } from "./read.ts";
import { encodeTable } from "./encoding.ts";
import type { Table } from "./table.ts";

export type WriteTableOptions = {
  /** The copy that is written first; default `backup`, as the primary is the one that is read first. */
  readonly first?: CopyName;
};

/**
 * Writes both copies, and the protective MBR when there is none (boot code is kept). Throws `Fault("bad-table")` before
 * anything is written, or `Fault("write-failed")`.
 */
export async function writeTable(device: BlockDevice, table: Table, options: WriteTableOptions = {}): Promise<void> {
  const encoded = orThrow(encodeTable(table));
  const end = encoded.backupOffset + encoded.backup.length;
  if (table.sectorSize !== device.sectorSize || end > device.size) {
    const disk = `the disk has ${device.size} bytes in sectors of ${device.sectorSize}`;
    const wanted = `the table is for ${end} in sectors of ${table.sectorSize}`;
    throw new Fault("bad-table", `Cannot write the partition table: ${disk}, ${wanted}`);
  }
  const steps: Readonly<Record<CopyName, () => Promise<void>>> = {
    backup: () => device.write(encoded.backupOffset, encoded.backup),
    primary: async () => {
      await writeMbr(device, table);
      await device.write(table.sectorSize, encoded.primary.subarray(table.sectorSize));
    },
  };
  const order: readonly CopyName[] = options.first === "primary" ? ["primary", "backup"] : ["backup", "primary"];
  for (const copy of order) {
    await steps[copy]();
    await device.flush();
  }
}

/** The copy to write first over what was read: the damaged one when only the backup is good, so that it stays good. */
export function firstToWrite(reading: TableReading): CopyName {
  return reading.source === "backup" ? "primary" : "backup";
}

async function writeMbr(device: BlockDevice, table: Table): Promise<void> {
  let before: Uint8Array | undefined;
  try {
    before = await device.read(0, MBR_BYTES);
  } catch (thrown) {
    // An unreadable sector is often readable again once it is written.
    if (!(thrown instanceof Fault) || thrown.code !== "read-failed") throw thrown;
  }
  if (before !== undefined && isProtectiveMbr(before)) return;
  await device.write(0, protectiveMbr(table.backupLba + 1n, before));
}
