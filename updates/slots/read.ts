/** Reading which sets a disk has and what their flags say; nothing is written. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { BlockDevice } from "../../disk/gpt/device.ts";
import { readTable, type TableReading } from "../../disk/gpt/read.ts";
import { type DiskSets, findSets, type SetName, setOfRoot } from "../../disk/set/sets.ts";
import { readState, type SetState } from "../../disk/set/state.ts";

export type Slots = { readonly reading: TableReading; readonly sets: DiskSets; readonly state: SetState };

/** How the running set is known: by name, or by the partitions under `/`. */
export type Active = { readonly set: SetName } | { readonly partitions: readonly number[] };

export type SlotsFault = "no-table" | "no-sets" | "no-active-set";

export async function readSlots(device: BlockDevice, active: Active): Promise<Result<Slots, SlotsFault>> {
  const reading = await readTable(device);
  if (!reading.ok) return reading;
  const sets = findSets(reading.value.table);
  if (!sets.ok) return sets;
  const name = activeSet(sets.value, active);
  if (!name.ok) return name;
  return ok({ reading: reading.value, sets: sets.value, state: readState(sets.value, name.value) });
}

function activeSet(sets: DiskSets, active: Active): Result<SetName, "no-active-set"> {
  if ("set" in active) {
    return sets[active.set] === undefined ? refuse(`the disk has no set ${active.set}`) : ok(active.set);
  }
  const { partitions } = active;
  const [name, ...more] = partitions.map((number) => setOfRoot(sets, number)).filter((each) => each !== undefined);
  if (name === undefined || more.length > 0) {
    return refuse(
      `"/" stands on partitions ${partitions.join(", ")}, wanted one of the two ROOT partitions among them`,
    );
  }
  const own = [sets[name]?.root.number, sets[name]?.hash.number];
  const foreign = partitions.filter((number) => !own.includes(number));
  if (foreign.length === 0) return ok(name);
  return refuse(`"/" stands on ROOT-${name} and also on partition ${foreign.join(", ")}, which is not its HASH`);
}

function refuse(why: string): Result<never, "no-active-set"> {
  return fail(new Fault("no-active-set", `Cannot tell which set is running: ${why}`));
}
