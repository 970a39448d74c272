import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { orThrow } from "../../base/result.ts";
import { encodeTable } from "./encoding.ts";
import { guid } from "./guid.ts";
import { readTable } from "./read.ts";
import type { Table } from "./table.ts";
import { anyTable, MemoryDevice, sampleTable as sample } from "./testing.ts";
import { firstToWrite, writeTable } from "./write.ts";

const size = (table: Table): number => (Number(table.backupLba) + 1) * table.sectorSize;
const changed: Table = { ...sample, diskGuid: guid("99999999-2222-4333-8444-555555555555") };

async function diskWith(table: Table): Promise<MemoryDevice> {
  const device = new MemoryDevice(size(table), table.sectorSize);
  await writeTable(device, table);
  device.done.length = 0;
  return device;
}

test("writeTable() writes what readTable() reads", async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, async (table) => {
      const device = await diskWith(table);
      expect(orThrow(await readTable(device))).toEqual({ table, source: "primary", damage: [] });
    }),
  );
});

test("writeTable() flushes one copy before it starts the other, backup first", async () => {
  const device = await diskWith(sample);
  await writeTable(device, changed);
  const { backupOffset, backup, primary } = orThrow(encodeTable(changed));
  const inFront = primary.length - sample.sectorSize;
  const inOrder = [`write ${backupOffset} ${backup.length}`, "flush", `write ${sample.sectorSize} ${inFront}`, "flush"];
  expect(device.done).toEqual(inOrder);
});

test("writeTable() leaves the old or the new table wherever the power fails", async () => {
  const total = 2 * (16384 + sample.sectorSize);
  for (let power = 0; power < total; power += 331) {
    const device = await diskWith(sample);
    device.power = power;
    await expect(writeTable(device, changed)).rejects.toThrow("power failed");
    expect([sample, changed]).toContainEqual(orThrow(await readTable(device)).table);
  }
});

test("writeTable() repairs a damaged primary without risking the backup", async () => {
  for (const power of [0, 100, 5000, 16384, 20000, 30000, Number.POSITIVE_INFINITY]) {
    const device = await diskWith(sample);
    device.bytes.fill(0xaa, sample.sectorSize, 3 * sample.sectorSize);
    const reading = orThrow(await readTable(device));
    device.power = power;
    await writeTable(device, reading.table, { first: firstToWrite(reading) }).catch(() => undefined);
    expect(orThrow(await readTable(device)).table).toEqual(sample);
  }
});

test("writeTable() puts a missing protective MBR back and keeps boot code", async () => {
  const device = await diskWith(sample);
  device.bytes.fill(9, 0, 512);
  await writeTable(device, sample);
  expect(orThrow(await readTable(device)).damage).toEqual([]);
  expect(device.bytes[100]).toBe(9);
});

test("writeTable() refuses a table that is not for this disk, before it writes anything", async () => {
  const small = new MemoryDevice(size(sample) - sample.sectorSize, sample.sectorSize);
  await expect(writeTable(small, sample)).rejects.toThrow("the disk has");
  const otherSectors = new MemoryDevice(size(sample), sample.sectorSize === 512 ? 4096 : 512);
  await expect(writeTable(otherSectors, sample)).rejects.toThrow("the disk has");
  expect([...small.done, ...otherSectors.done]).toEqual([]);
});
