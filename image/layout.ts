/**
 * The disk of an image: which partitions, in which order, how large (design: the image; contracts §§12.1, 16.1). Pure.
 * Sizes are those of a whole life: a set must take every later version of the variant.
 */
import { FRESH_FLAGS, withBootFlags } from "../disk/gpt/attributes.ts";
import type { PartitionSpec } from "../disk/gpt/plan.ts";
import { derivedUuid } from "./format/uuid.ts";

const TYPES = {
  EFI: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  BOOT: "6b636168-7420-6568-2070-6c616e657421",
  ROOT: "5526016a-1a97-4ea4-b39a-b7c8c6ca4502",
  HASH: "598f10af-c955-4456-6a99-7720068a6cea",
  PRIVATE: "440408bb-eb0b-4328-a6e5-a29038fad706",
  DATA: "626f7474-6c65-6474-6861-726d61726b73",
} as const;

/** MiB of each kind of partition. */
export const SIZES = { EFI: 8, BOOT: 48, ROOT: 512, HASH: 8, PRIVATE: 64, DATA: 256 } as const;

/** What lies in a partition at first; those of the other set start empty. */
export type PartitionContent = "efi" | "boot" | "root" | "hash" | "private" | "data" | undefined;

const PLAN: readonly (readonly [kind: keyof typeof TYPES, suffix: string, content: PartitionContent])[] = [
  ["EFI", "", "efi"],
  ["BOOT", "-A", "boot"],
  ["ROOT", "-A", "root"],
  ["HASH", "-A", "hash"],
  ["BOOT", "-B", undefined],
  ["ROOT", "-B", undefined],
  ["HASH", "-B", undefined],
  ["PRIVATE", "", "private"],
  ["DATA", "", "data"],
];

export type PlannedPartition = PartitionSpec & { readonly content: PartitionContent };

export type DiskLayout = {
  readonly diskGuid: string;
  readonly sizeMiB: number;
  readonly partitions: readonly PlannedPartition[];
};

/** The layout for `variant`; GUIDs come from its name, so that equal builds are equal. */
export function planLayout(variant: string): DiskLayout {
  let startMiB = 1;
  const partitions = PLAN.map(([kind, suffix, content]) => {
    const planned: PlannedPartition = {
      name: `SPARKLER-${kind}${suffix}`,
      type: TYPES[kind],
      guid: derivedUuid(`${variant}:${kind}${suffix}`),
      startMiB,
      sizeMiB: SIZES[kind],
      attributes: content === "boot" ? withBootFlags(0n, FRESH_FLAGS) : 0n,
      content,
    };
    startMiB += SIZES[kind];
    return planned;
  });
  return { diskGuid: derivedUuid(`${variant}:disk`), sizeMiB: startMiB + 1, partitions };
}
