import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deviceNumber, FileDevice } from "./file-device.ts";

const folder = await mkdtemp(join(tmpdir(), "file-device-"));
afterAll(() => rm(folder, { recursive: true }));

async function image(name: string, size: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, new Uint8Array(size));
  return path;
}

test("FileDevice writes and reads at offsets", async () => {
  const path = await image("plain", 4096);
  await using device = await FileDevice.open(path, { writable: true });
  await device.write(512, Uint8Array.of(1, 2, 3));
  await device.flush();
  expect(await device.read(511, 5)).toEqual(Uint8Array.of(0, 1, 2, 3, 0));
  expect((await readFile(path)).length).toBe(4096);
});

test("FileDevice refuses ranges outside of the file and never makes it longer", async () => {
  const path = await image("bounds", 1024);
  await using device = await FileDevice.open(path, { writable: true });
  await expect(device.read(1024, 1)).rejects.toHaveProperty("code", "read-failed");
  await expect(device.read(-1, 1)).rejects.toHaveProperty("code", "read-failed");
  await expect(device.write(1023, new Uint8Array(2))).rejects.toHaveProperty("code", "write-failed");
  expect((await readFile(path)).length).toBe(1024);
});

test("FileDevice opened for reading does not write", async () => {
  await using device = await FileDevice.open(await image("read-only", 512));
  await expect(device.write(0, Uint8Array.of(1))).rejects.toHaveProperty("code", "write-failed");
});

test.each([
  ["a missing file", "missing"],
  ["a folder", "."],
])("FileDevice.open() refuses %s", async (_name, path) => {
  await expect(FileDevice.open(join(folder, path))).rejects.toHaveProperty("code", "open-failed");
});

test("FileDevice.open() refuses a file that is not whole sectors", async () => {
  await expect(FileDevice.open(await image("odd", 1000))).rejects.toThrow("not whole sectors");
});

test("FileDevice.open() finds sectors of 4096 bytes by the header", async () => {
  const path = join(folder, "wide");
  const bytes = Buffer.alloc(16384);
  bytes.write("EFI PART", 12288);
  await writeFile(path, bytes);
  await using device = await FileDevice.open(path);
  expect(device.sectorSize).toBe(4096);
});

test.each([
  [0xfe00n, "254:0"],
  [0x801n, "8:1"],
  [0x1000_0301n, "3:65537"],
])("deviceNumber() of %d", (dev, text) => {
  expect(deviceNumber(dev)).toBe(text);
});
