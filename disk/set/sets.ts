/**
 * The partition sets of an OS disk. They are told apart by their order on the disk, not by number or name: of each type
 * the first partition belongs to set A, the second to B (contracts §12.1).
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { Partition } from "../gpt/entry.ts";
import type { Table } from "../gpt/table.ts";
import { PARTITION_TYPES } from "./types.ts";

export type SetName = "A" | "B";

export const SET_NAMES: readonly SetName[] = ["A", "B"];

export type PartitionSet = { readonly boot: Partition; readonly root: Partition; readonly hash: Partition };

export type DiskSets = {
  readonly A: PartitionSet;
  /** Undefined in an image that is made without updates in place. */
  readonly B?: PartitionSet | undefined;
  readonly private: Partition;
};

export type SetFault = "no-sets";

/** The sets that `table` holds, or every reason why it is not the table of an OS disk. */
export function findSets(table: Table): Result<DiskSets, SetFault> {
  const ofType = (type: string): readonly Partition[] =>
    table.partitions.filter((each) => each.type === type).sort((a, b) => (a.firstLba < b.firstLba ? -1 : 1));
  const boot = ofType(PARTITION_TYPES.boot);
  const root = ofType(PARTITION_TYPES.root);
  const hash = ofType(PARTITION_TYPES.hash);
  const own = ofType(PARTITION_TYPES.private);
  const problems: string[] = [];
  const count = (name: string, found: readonly Partition[], wanted: string, fits: boolean): void => {
    if (!fits) problems.push(`${name}: ${found.length} partitions, wanted ${wanted}`);
  };
  count("BOOT", boot, "1 or 2", boot.length === 1 || boot.length === 2);
  count("ROOT", root, "as many as BOOT", root.length === boot.length);
  count("HASH", hash, "as many as BOOT", hash.length === boot.length);
  count("PRIVATE", own, "1", own.length === 1);
  const A = setOf(boot[0], root[0], hash[0]);
  if (problems.length > 0 || A === undefined || own[0] === undefined) {
    return fail(new Fault("no-sets", `Cannot find the partition sets: ${problems.join("; ")}`));
  }
  return ok({ A, B: setOf(boot[1], root[1], hash[1]), private: own[0] });
}

/** The set that has partition `number` as its ROOT, or undefined. */
export function setOfRoot(sets: DiskSets, number: number): SetName | undefined {
  return SET_NAMES.find((name) => sets[name]?.root.number === number);
}

export function otherSet(name: SetName): SetName {
  return name === "A" ? "B" : "A";
}

function setOf(
  boot: Partition | undefined,
  root: Partition | undefined,
  hash: Partition | undefined,
): PartitionSet | undefined {
  return boot === undefined || root === undefined || hash === undefined ? undefined : { boot, root, hash };
}
