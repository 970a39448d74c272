import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { findSets } from "../../disk/set/sets.ts";
import { readState } from "../../disk/set/state.ts";
import { osTable } from "../../disk/set/testing.ts";
import type { Slots } from "./read.ts";
import { formatStatus, partitionPath, slotStatus } from "./status.ts";

function slotsOf(flags: Parameters<typeof osTable>[0], active: "A" | "B"): Slots {
  const table = osTable(flags, true);
  const sets = orThrow(findSets(table));
  return { reading: { table, source: "primary", damage: [] }, sets, state: readState(sets, active) };
}

test("formatStatus() shows each set on its own line, whichever is active", () => {
  const flags = { A: FRESH_FLAGS, B: { priority: 2, triesLeft: 0, successful: false, starts: 1 } };
  expect(formatStatus(slotStatus("/dev/vda", slotsOf(flags, "B")))).toBe(`OS disk: /dev/vda
Set A:   boot /dev/vda2, root /dev/vda3, hash /dev/vda4; priority 1, tries left 0, successful, starts since 0
Set B:   boot /dev/vda5, root /dev/vda6, hash /dev/vda7; priority 2, tries left 0, not successful, starts since 1
Active:  set B
Next:    set A
`);
});

test("slotStatus() has null for what is not there", () => {
  const status = slotStatus("disk.img", slotsOf({ A: NO_FLAGS }, "A"));
  expect([status.sets.B, status.next, status.sets.A.boot]).toEqual([null, null, "disk.img#2"]);
  expect(formatStatus(status)).toContain("unknown");
});

test("formatStatus() says which copy is damaged", () => {
  const slots = slotsOf({ A: FRESH_FLAGS }, "A");
  const damage = [{ where: "backup" as const, message: "gone" }];
  const status = slotStatus("/dev/vda", { ...slots, reading: { ...slots.reading, damage } });
  expect(formatStatus(status)).toContain("Damaged: backup: gone");
});

test("partitionPath() puts a p after a name that ends in a digit", () => {
  expect([partitionPath("/dev/sda", 3), partitionPath("/dev/nvme0n1", 12)]).toEqual(["/dev/sda3", "/dev/nvme0n1p12"]);
});
