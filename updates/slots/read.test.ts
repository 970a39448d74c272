import { expect, test } from "bun:test";
import { FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { MemoryDevice } from "../../disk/gpt/testing.ts";
import type { Table } from "../../disk/gpt/table.ts";
import { writeTable } from "../../disk/gpt/write.ts";
import { osTable } from "../../disk/set/testing.ts";
import { type Active, readSlots } from "./read.ts";

async function read(table: Table, active: Active): Promise<string> {
  const device = new MemoryDevice((Number(table.backupLba) + 1) * 512);
  await writeTable(device, table);
  const slots = await readSlots(device, active);
  return slots.ok ? slots.value.state.active : slots.fault.message;
}

const two = osTable({ A: FRESH_FLAGS, B: NO_FLAGS });

test.each<readonly [what: string, table: Table, active: Active, answer: string]>([
  ["ROOT-A and HASH-A", two, { partitions: [3, 4] }, "A"],
  ["ROOT-B and HASH-B", two, { partitions: [6, 7] }, "B"],
  ["one set", osTable({ A: FRESH_FLAGS }), { partitions: [3, 4] }, "A"],
  ["a name", two, { set: "B" }, "B"],
])("readSlots() knows the running set by %s", async (_, table, active, answer) => {
  expect(await read(table, active)).toBe(answer);
});

test.each<readonly [what: string, table: Table, active: Active, message: string]>([
  ["ROOT of both sets", two, { partitions: [3, 6] }, "wanted one of the two ROOT partitions"],
  ["the hash of the other set", two, { partitions: [3, 7] }, "partition 7, which is not its HASH"],
  ["DATA", two, { partitions: [9] }, "wanted one of the two"],
  ["a set that is not there", osTable({ A: FRESH_FLAGS }), { set: "B" }, "the disk has no set B"],
  ["no sets at all", { ...two, partitions: [] }, { set: "A" }, "BOOT: 0 partitions"],
])("readSlots() refuses %s", async (_, table, active, message) => {
  expect(await read(table, active)).toContain(message);
});
