/**
 * Writing changed flags. Both copies of the table are written one after the other, each made durable before the next,
 * so that a power cut at any moment leaves a good copy with either the old flags or the new. Then the table is read
 * again and compared.
 *
 * The kernel is not told: it keeps no attribute bits, and it refuses to read a table again (BLKRRPART) while partitions
 * of the disk are mounted, as they always are here. Places and sizes never change in this module.
 */
import { isDeepStrictEqual } from "node:util";
import { Fault, orThrow } from "../../base/result.ts";
import type { BlockDevice } from "../../disk/gpt/device.ts";
import { readTable } from "../../disk/gpt/read.ts";
import { type Table, withAttributes } from "../../disk/gpt/table.ts";
import { firstToWrite, writeTable } from "../../disk/gpt/write.ts";
import { changedAttributes, type SetState } from "../../disk/set/state.ts";
import type { Slots } from "./read.ts";

/** Brings the disk from what `slots` says to `state`. Returns false, having written nothing, when it says that already. */
export async function applyState(device: BlockDevice, slots: Slots, state: SetState): Promise<boolean> {
  const changed = changedAttributes(slots.sets, state);
  if (changed.size === 0) return false;
  await writeChecked(device, slots, withAttributes(slots.reading.table, changed));
  return true;
}

/** Writes the table unchanged, which puts a damaged copy and a missing protective MBR right. */
export async function rewriteTable(device: BlockDevice, slots: Slots): Promise<void> {
  await writeChecked(device, slots, slots.reading.table);
}

async function writeChecked(device: BlockDevice, slots: Slots, table: Table): Promise<void> {
  await writeTable(device, table, { first: firstToWrite(slots.reading) });
  const { table: found, damage } = orThrow(await readTable(device));
  if (damage.length === 0 && isDeepStrictEqual(found, table)) return;
  const what = damage.length === 0 ? "it reads back differently" : damage.map(({ message }) => message).join("; ");
  throw new Fault("check-failed", `Cannot trust the partition table just written: ${what}`);
}
