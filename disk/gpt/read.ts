/**
 * Reading the table of a disk: the primary copy when it is good, otherwise the backup. What was found wrong travels with
 * the answer, so that the caller can say it and put it right by writing the table.
 */
import { isDeepStrictEqual } from "node:util";
import { Fault, fail, ok, reason, type Result } from "../../base/result.ts";
import type { BlockDevice } from "./device.ts";
import { type CopyName, decodeHeader, ENTRIES_BYTES, entriesLbaOf, type Lba, PRIMARY_LBA } from "./header.ts";
import { isProtectiveMbr } from "./mbr.ts";
import { decodeTable } from "./encoding.ts";
import type { Table } from "./table.ts";

export type Damage = { readonly where: CopyName | "protective-mbr"; readonly message: string };

export type TableReading = {
  readonly table: Table;
  /** The copy that `table` comes from. */
  readonly source: CopyName;
  /** Empty when protective MBR and both copies are good and agree. */
  readonly damage: readonly Damage[];
};

/** Reads whichever copy is good. A sector that cannot be read counts as damage, like one with wrong bytes. */
export async function readTable(device: BlockDevice): Promise<Result<TableReading, "no-table">> {
  const last = BigInt(Math.floor(device.size / device.sectorSize)) - 1n;
  const damage = await readMbr(device);
  const primary = await readCopy(device, "primary", PRIMARY_LBA);
  if (primary.ok) {
    const backup = await readCopy(device, "backup", primary.value.backupLba);
    if (!backup.ok) damage.push({ where: "backup", message: backup.fault.message });
    else if (!isDeepStrictEqual(backup.value, primary.value)) {
      damage.push({ where: "backup", message: "Backup GPT differs from the primary" });
    }
    return ok({ table: primary.value, source: "primary", damage });
  }
  damage.push({ where: "primary", message: primary.fault.message });
  // A disk that was enlarged has its backup where it used to end; the damaged header may still say where that was.
  // Its word is only a place to look: what is found there must be a verified header that says it belongs there.
  const hint = await alternateHint(device);
  const places = hint === undefined || hint === last ? [last] : [last, hint];
  const refused: string[] = [];
  for (const lba of places) {
    const backup = await readCopy(device, "backup", lba);
    if (backup.ok) return ok({ table: backup.value, source: "backup", damage });
    refused.push(backup.fault.message);
  }
  const message = ["Cannot find a partition table", primary.fault.message, ...refused].join(": ");
  return fail(new Fault("no-table", message, {}, primary.fault));
}

async function readCopy(device: BlockDevice, copy: CopyName, lba: Lba): Promise<Result<Table>> {
  const { sectorSize, size } = device;
  const sectors = BigInt(Math.floor(size / sectorSize));
  try {
    const header = decodeHeader(await readAt(device, lba, sectorSize), copy, lba);
    if (!header.ok) return header;
    const entries = await readAt(device, entriesLbaOf(copy, lba, sectorSize), ENTRIES_BYTES);
    const table = decodeTable(header.value, entries, copy, sectorSize);
    if (table.ok && table.value.backupLba >= sectors) {
      const what = `its backup is at LBA ${table.value.backupLba}, the disk has ${sectors} sectors`;
      return fail(new Fault("bad-table", `Cannot use the ${copy} GPT: ${what}`));
    }
    return table;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === "read-failed") return fail(thrown);
    throw thrown;
  }
}

async function readMbr(device: BlockDevice): Promise<Damage[]> {
  const where = "protective-mbr";
  try {
    const good = isProtectiveMbr(await device.read(0, device.sectorSize));
    return good ? [] : [{ where, message: "No protective MBR in the first sector" }];
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return [{ where, message: reason(thrown) }];
  }
}

async function alternateHint(device: BlockDevice): Promise<Lba | undefined> {
  try {
    const sector = await readAt(device, PRIMARY_LBA, device.sectorSize);
    const lba = new DataView(sector.buffer, sector.byteOffset).getBigUint64(32, true);
    return lba > PRIMARY_LBA && lba < BigInt(Math.floor(device.size / device.sectorSize)) ? lba : undefined;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === "read-failed") return undefined;
    throw thrown;
  }
}

/** Preconditions: none; an LBA that is not on the device is a `read-failed` fault by the device. */
async function readAt(device: BlockDevice, lba: Lba, length: number): Promise<Uint8Array> {
  return device.read(Number(lba) * device.sectorSize, length);
}
