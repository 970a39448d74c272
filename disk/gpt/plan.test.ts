import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { planTable, type TableSpec } from "./plan.ts";

const partition = {
  name: "EFI-SYSTEM",
  type: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  guid: "00000000-0000-4000-8000-000000000001",
  startMiB: 1,
  sizeMiB: 5,
  attributes: 0n,
};
const spec: TableSpec = {
  sectorSize: 512,
  diskSectors: 32768n,
  diskGuid: "11111111-2222-4333-8444-555555555555",
  partitions: [partition],
};

test("planTable() places partitions by MiB and leaves room for both copies", () => {
  const table = orThrow(planTable(spec));
  expect([table.firstUsableLba, table.lastUsableLba, table.backupLba]).toEqual([34n, 32734n, 32767n]);
  expect(table.partitions[0]).toMatchObject({ number: 1, firstLba: 2048n, lastLba: 12287n });
});

test("planTable() counts in sectors of 4096 bytes too", () => {
  const table = orThrow(planTable({ ...spec, sectorSize: 4096, diskSectors: 4096n }));
  expect([table.firstUsableLba, table.lastUsableLba, table.backupLba]).toEqual([6n, 4090n, 4095n]);
  expect(table.partitions[0]).toMatchObject({ firstLba: 256n, lastLba: 1535n });
});

test("planTable() names every wrong value at once", () => {
  const wrong = { ...partition, guid: "none", type: "", startMiB: 0.5, sizeMiB: -1 };
  const planned = planTable({ ...spec, partitions: [wrong] });
  expect(planned.ok ? "" : planned.fault.message).toMatch(/startMiB.*type.*guid.*sizeMiB/);
});

test.each([
  ["sectors of 513 bytes", { ...spec, sectorSize: 513 }],
  ["a disk too small for a table", { ...spec, diskSectors: 60n, partitions: [] }],
  ["a partition that reaches into the backup", { ...spec, diskSectors: 12288n }],
  ["a zero type", { ...spec, partitions: [{ ...partition, type: "00000000-0000-0000-0000-000000000000" }] }],
  ["129 partitions", { ...spec, diskSectors: 1n << 30n, partitions: many(129) }],
])("planTable() refuses %s", (_name, wrong) => {
  expect(planTable(wrong).ok).toBe(false);
});

test("planTable() takes 128 partitions", () => {
  expect(planTable({ ...spec, diskSectors: 1n << 30n, partitions: many(128) }).ok).toBe(true);
});

function many(count: number): TableSpec["partitions"] {
  return Array.from({ length: count }, (_, index) => ({
    ...partition,
    guid: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
    startMiB: 1 + index,
    sizeMiB: 1,
  }));
}
