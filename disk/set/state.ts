/** What the flags on a disk say, as one value; and back to attribute bits. Bits that are not ours pass through. */
import {
  type Attributes,
  type BootFlags,
  bootFlags,
  everSucceeded,
  withBootFlags,
  withEverSucceeded,
} from "../gpt/attributes.ts";
import type { DiskSets, SetName } from "./sets.ts";

export type SetState = {
  /** The set that is running. */
  readonly active: SetName;
  readonly A: BootFlags;
  /** Undefined when the image has no second set. */
  readonly B?: BootFlags | undefined;
  /** Whether any boot of this disk was ever found good; never goes back to false. */
  readonly everSucceeded: boolean;
};

export function readState(sets: DiskSets, active: SetName): SetState {
  return {
    active,
    A: bootFlags(sets.A.boot.attributes),
    B: sets.B === undefined ? undefined : bootFlags(sets.B.boot.attributes),
    everSucceeded: everSucceeded(sets.private.attributes),
  };
}

/** New attributes by partition number, only of entries that `state` changes: empty when the disk already says it. */
export function changedAttributes(sets: DiskSets, state: SetState): ReadonlyMap<number, Attributes> {
  const wanted: (readonly [number, Attributes, Attributes])[] = [];
  for (const name of ["A", "B"] as const) {
    const [boot, flags] = [sets[name]?.boot, state[name]];
    if (boot !== undefined && flags !== undefined) {
      wanted.push([boot.number, boot.attributes, withBootFlags(boot.attributes, flags)]);
    }
  }
  const { number, attributes } = sets.private;
  if (state.everSucceeded) wanted.push([number, attributes, withEverSucceeded(attributes)]);
  return new Map(wanted.filter(([, before, after]) => before !== after).map(([at, , after]) => [at, after]));
}
