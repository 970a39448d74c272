import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { orThrow } from "../../base/result.ts";
import { encodeTable } from "./encoding.ts";
import { readTable } from "./read.ts";
import type { Table } from "./table.ts";
import { anyTable, MemoryDevice, sampleTable as sample } from "./testing.ts";

function diskWith(table: Table, extraSectors = 0): MemoryDevice {
  const device = new MemoryDevice((Number(table.backupLba) + 1 + extraSectors) * table.sectorSize, table.sectorSize);
  const encoded = orThrow(encodeTable(table));
  device.bytes.set(encoded.primary);
  device.bytes.set(encoded.backup, encoded.backupOffset);
  return device;
}

function flip(device: MemoryDevice, at: number, mask = 0xff): void {
  device.bytes[at] = (device.bytes[at] ?? 0) ^ mask;
}

test("readTable() gives back every table that encodeTable() wrote", async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, async (table) => {
      const reading = orThrow(await readTable(diskWith(table)));
      expect(reading).toEqual({ table, source: "primary", damage: [] });
    }),
  );
});

test("readTable() survives any changed byte of the primary, uses the backup and says so", async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, fc.nat(), fc.integer({ min: 1, max: 255 }), async (table, place, mask) => {
      const device = diskWith(table);
      const length = orThrow(encodeTable(table)).primary.length - table.sectorSize;
      flip(device, table.sectorSize + (place % length), mask);
      const reading = orThrow(await readTable(device));
      expect([reading.table, reading.source]).toEqual([table, "backup"]);
      expect(reading.damage.map(({ where }) => where)).toEqual(["primary"]);
    }),
  );
});

test("readTable() survives any changed byte of the backup and says so", async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, fc.nat(), fc.integer({ min: 1, max: 255 }), async (table, place, mask) => {
      const device = diskWith(table);
      const { backup, backupOffset } = orThrow(encodeTable(table));
      flip(device, backupOffset + (place % backup.length), mask);
      const reading = orThrow(await readTable(device));
      expect([reading.table, reading.source]).toEqual([table, "primary"]);
      expect(reading.damage.map(({ where }) => where)).toEqual(["backup"]);
    }),
  );
});

test("readTable() survives each changed byte of the first sector", async () => {
  for (let at = 0; at < sample.sectorSize; at += 1) {
    const device = diskWith(sample);
    flip(device, at);
    expect(orThrow(await readTable(device)).table).toEqual(sample);
  }
});

test("readTable() says when the protective MBR is gone", async () => {
  const device = diskWith(sample);
  device.bytes.fill(0, 0, 512);
  expect(orThrow(await readTable(device)).damage).toHaveLength(1);
});

test("readTable() prefers the primary when both are good and differ, and says so", async () => {
  const device = diskWith(sample);
  const other = { ...sample, partitions: [] };
  const { backup, backupOffset } = orThrow(encodeTable(other));
  device.bytes.set(backup, backupOffset);
  const reading = orThrow(await readTable(device));
  expect(reading.table).toEqual(sample);
  expect(reading.damage).toEqual([{ where: "backup", message: "Backup GPT differs from the primary" }]);
});

test("readTable() uses the backup when sectors of the primary cannot be read", async () => {
  for (const bad of [1, 2, 3]) {
    const device = diskWith(sample);
    device.unreadable.add(bad);
    expect(orThrow(await readTable(device)).source).toBe("backup");
  }
});

test("readTable() finds the backup of a disk that was enlarged", async () => {
  const device = diskWith(sample, 1000);
  expect(orThrow(await readTable(device)).damage).toEqual([]);
  flip(device, sample.sectorSize + 60);
  expect(orThrow(await readTable(device))).toMatchObject({ table: sample, source: "backup" });
});

test("readTable() refuses a disk that is shorter than its table says", async () => {
  const whole = diskWith(sample);
  const device = new MemoryDevice(whole.size - sample.sectorSize, sample.sectorSize);
  device.bytes.set(whole.bytes.subarray(0, device.size));
  expect((await readTable(device)).ok).toBe(false);
});

test.each([0, 1, 2, 34, 100])("readTable() refuses an empty disk of %d sectors", async (sectors) => {
  const read = await readTable(new MemoryDevice(sectors * 512));
  expect(read.ok ? "" : read.fault.code).toBe("no-table");
});

test("readTable() never fails otherwise than by a fault, whatever the bytes are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 512, maxLength: 2048 }), async (junk) => {
      const device = diskWith(sample);
      device.bytes.set(junk, sample.sectorSize);
      device.bytes.set(junk, device.size - 2048);
      expect((await readTable(device)).ok).toBe(false);
    }),
  );
});
