import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDisk, growDisk, placeEphemeralDisks } from "./disk.ts";
import { ephemeralFile, files } from "./paths.ts";
import { thrownBy } from "./testing.ts";

let folder = "";
let source = { image: "", firmwareVars: "" };
beforeEach(async () => {
  const base = await mkdtemp(join(tmpdir(), "sparkler-disk-"));
  folder = join(base, "machine");
  await mkdir(folder);
  source = { image: join(base, "image"), firmwareVars: join(base, "vars") };
  await writeFile(source.image, Buffer.alloc(1024 * 1024, "image"));
  await writeFile(source.firmwareVars, "variables");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

test("createDisk() copies image and variables, grows the copy, and sweeps up after a killed one", async () => {
  await mkdir(join(folder, ".new-killed"));
  await createDisk({ folder, ...source, bytes: 4 * 1024 * 1024 });
  expect((await readdir(folder)).sort()).toEqual([files.disk, files.firmwareVars].sort());
  expect((await stat(join(folder, files.disk))).size).toBe(4 * 1024 * 1024);
  expect((await readFile(join(folder, files.disk))).subarray(0, 5).toString()).toBe("image");
});

test("createDisk() takes the record of the disk that it replaces away", async () => {
  await writeFile(join(folder, files.record), "{}");
  await createDisk({ folder, ...source });
  expect(await readdir(folder)).not.toContain(files.record);
});

test("createDisk() that fails or is interrupted leaves the old disk, and nothing else", async () => {
  await writeFile(join(folder, files.disk), "old");
  await writeFile(join(folder, files.record), "{}");
  expect(await thrownBy(createDisk({ folder, ...source, bytes: 512 }))).toMatchObject({ code: "disk-too-small" });
  const signal = AbortSignal.abort();
  expect(await thrownBy(createDisk({ folder, ...source, signal }))).toBeDefined();
  expect((await readdir(folder)).sort()).toEqual([files.disk, files.record].sort());
  expect(await readFile(join(folder, files.disk), "utf8")).toBe("old");
});

test("growDisk() never shrinks", async () => {
  expect(await thrownBy(growDisk(source.image, 512))).toMatchObject({ code: "disk-too-small" });
  await growDisk(source.image, 2 * 1024 * 1024);
  expect((await stat(source.image)).size).toBe(2 * 1024 * 1024);
});

test("placeEphemeralDisks() makes as many as are wanted, keeps what is of that size, and empties what is not", async () => {
  const first = join(folder, ephemeralFile(0));
  await placeEphemeralDisks(folder, [4096, 8192], false);
  expect((await readdir(folder)).toSorted()).toEqual([ephemeralFile(0), ephemeralFile(1)]);
  await writeFile(first, Buffer.alloc(4096, "data"));
  await placeEphemeralDisks(folder, [4096], false);
  expect(await readdir(folder)).toEqual([ephemeralFile(0)]);
  expect((await readFile(first)).subarray(0, 4).toString()).toBe("data");
  await placeEphemeralDisks(folder, [8192], false);
  expect((await readFile(first)).equals(Buffer.alloc(8192))).toBe(true);
  await writeFile(first, Buffer.alloc(8192, "data"));
  await placeEphemeralDisks(folder, [8192], true);
  expect((await readFile(first)).equals(Buffer.alloc(8192))).toBe(true);
});
