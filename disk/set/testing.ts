/** For tests here and in `updates/slots`: tables of OS disks, small enough to be written often. */
import * as fc from "fast-check";
import { orThrow } from "../../base/result.ts";
import { type BootFlags, withBootFlags, withEverSucceeded } from "../gpt/attributes.ts";
import { planTable } from "../gpt/plan.ts";
import { anyBootFlags } from "../gpt/testing.ts";
import type { Table } from "../gpt/table.ts";
import type { SetState } from "./state.ts";
import { PARTITION_TYPES, type PartitionKind } from "./types.ts";

type Row = readonly [name: string, kind: PartitionKind, attributes: bigint];

/** EFI system, one or two sets, PRIVATE, DATA, each 1 MiB, numbered as in an image of this project. */
export function osTable(flags: { readonly A: BootFlags; readonly B?: BootFlags | undefined }, ever = false): Table {
  const rows: readonly Row[] = [
    ["EFI", "efiSystem", 0n],
    ...setRows("A", flags.A),
    ...(flags.B === undefined ? [] : setRows("B", flags.B)),
    ["PRIVATE", "private", ever ? withEverSucceeded(0n) : 0n],
    ["DATA", "data", 0n],
  ];
  return orThrow(
    planTable({
      sectorSize: 512,
      diskSectors: BigInt((rows.length + 2) * 2048),
      diskGuid: "11111111-2222-4333-8444-555555555555",
      partitions: rows.map(([name, kind, attributes], index) => ({
        name,
        type: PARTITION_TYPES[kind],
        guid: `00000000-0000-4000-8000-0000000000${String(index + 10)}`,
        startMiB: 1 + index,
        sizeMiB: 1,
        attributes,
      })),
    }),
  );
}

/** States of disks with two sets, each field anything that its bits can hold. */
export const anySetState: fc.Arbitrary<SetState & { readonly B: BootFlags }> = fc.record({
  active: fc.constantFrom("A" as const, "B" as const),
  A: anyBootFlags,
  B: anyBootFlags,
  everSucceeded: fc.boolean(),
});

function setRows(name: "A" | "B", boot: BootFlags): readonly Row[] {
  return [
    [`BOOT-${name}`, "boot", withBootFlags(0n, boot)],
    [`ROOT-${name}`, "root", 0n],
    [`HASH-${name}`, "hash", 0n],
  ];
}
