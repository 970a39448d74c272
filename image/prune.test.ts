import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IMAGES_KEPT, pruneImages, removeAbandoned } from "./prune.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-prune-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("pruneImages() keeps the newest of the variant, the one just built, and other variants", async () => {
  const names = Array.from({ length: IMAGES_KEPT + 2 }, (_, at) => `sparkler-qemu-dev-x86_64-0.1.0-${at}`);
  for (const [at, name] of names.entries()) {
    await mkdir(join(folder, name));
    await utimes(join(folder, name), 1000 + at, 1000 + at);
  }
  const other = "sparkler-qemu-dev+probe-x86_64-0.1.0-0";
  await mkdir(join(folder, other));
  await pruneImages(folder, names[0] ?? ""); // the oldest by its time, and still the one just built
  expect((await readdir(folder)).toSorted()).toEqual([other, names[0] ?? "", ...names.slice(3)].toSorted());
});

test("removeAbandoned() removes the work folders of processes that are gone only", async () => {
  const gone = 2 ** 22 + 1; // above the greatest number that Linux gives
  const names = [`.building-${gone}-a`, `.verifying-${gone}-a`, `.building-${process.pid}-b`, "sparkler-a"];
  for (const name of names) await mkdir(join(folder, name));
  await removeAbandoned(folder);
  expect((await readdir(folder)).toSorted()).toEqual(names.slice(2).toSorted());
});
