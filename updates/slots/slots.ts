/**
 * The partition sets of the machine, for programs: read them, or change them by a plan of `disk/set/plan.ts`. Every
 * change goes through one lock, is written so that a power cut does no harm, and is read back.
 */
import type { Log } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import type { Plan } from "../../disk/set/plan.ts";
import { applyState, rewriteTable } from "./apply.ts";
import { findOsDisk, type FindOptions } from "./find-disk.ts";
import { LOCK_PATH, withLock } from "./lock.ts";
import { type Active, readSlots, type Slots } from "./read.ts";

export type Place = {
  /** Device node or image file. */
  readonly disk: string;
  readonly active: Active;
  /** Lock file that writers hold; undefined where nobody else writes. */
  readonly lock?: string | undefined;
};

const LOCK_TIMEOUT_MS = 10_000;

/** The disk that this machine runs from. Throws `Fault("no-os-disk")`. */
export async function ownPlace(options: FindOptions = {}): Promise<Place> {
  const { path, partitions } = orThrow(await findOsDisk(options));
  return { disk: path, active: { partitions }, lock: LOCK_PATH };
}

/** What the disk at `place` says. Throws the faults of opening and of `readSlots`. */
export async function openSlots(place: Place): Promise<Slots> {
  await using device = await FileDevice.open(place.disk);
  return orThrow(await readSlots(device, place.active));
}

/**
 * Reads, plans, writes and checks; `plan` undefined writes the table as it is (repair). Returns whether anything was
 * written: a plan that changes nothing writes nothing. Throws a plan's fault before anything is written.
 */
export async function changeSlots(place: Place, plan: Plan | undefined, log: Log): Promise<boolean> {
  const work = async (): Promise<boolean> => {
    await using device = await FileDevice.open(place.disk, { writable: true });
    const slots = orThrow(await readSlots(device, place.active));
    for (const { where, message } of slots.reading.damage) log.warn("partition table is damaged", { where, message });
    if (plan !== undefined) return await applyState(device, slots, orThrow(plan(slots.state)));
    await rewriteTable(device, slots);
    return true;
  };
  return place.lock === undefined ? work() : withLock(place.lock, LOCK_TIMEOUT_MS, work);
}
