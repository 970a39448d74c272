import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { type Entry, type Layer, makeLayer } from "./entry.ts";
import { encodeEntry, writeTar } from "./tar.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-tar-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const root = { mode: 0o644, uid: 0, gid: 0 };
const long = `usr/share/${"a".repeat(90)}/${"b".repeat(90)}`;

async function write(name: string, layer: Layer): Promise<string> {
  const path = join(folder, name);
  await writeTar(path, layer, () => {});
  return path;
}

test("writeTar() writes what GNU tar reads: modes, owners, links, long names, the one time stamp", async () => {
  const entries: readonly Entry[] = [
    { ...root, path: "etc/passwd", kind: "file", from: Buffer.from("root\n") },
    { ...root, path: "usr/bin/sudo", kind: "file", from: Buffer.from("x"), mode: 0o4755 },
    { ...root, path: "home/user", kind: "folder", mode: 0o700, uid: 1000, gid: 1000 },
    { ...root, path: "bin", kind: "link", target: "usr/bin", mode: 0o777 },
    { ...root, path: "far", kind: "link", target: `${long}/c`, mode: 0o777 },
    { ...root, path: long, kind: "file", from: Buffer.alloc(1024, 7) },
  ];
  const path = await write("plain.tar", makeLayer(entries));
  const argv = ["/usr/bin/tar", "--numeric-owner", "--utc", "-tvf", path] as const;
  const lines = orThrow(await run(argv))
    .stdout.trimEnd()
    .split("\n");
  const seen = lines.map((line) => line.replaceAll(/ +/g, " "));
  expect(seen).toContain("-rw-r--r-- 0/0 5 2025-01-01 00:00 etc/passwd");
  expect(seen).toContain("-rwsr-xr-x 0/0 1 2025-01-01 00:00 usr/bin/sudo");
  expect(seen).toContain("drwx------ 1000/1000 0 2025-01-01 00:00 home/user/");
  expect(seen).toContain("lrwxrwxrwx 0/0 0 2025-01-01 00:00 bin -> usr/bin");
  expect(seen).toContain(`lrwxrwxrwx 0/0 0 2025-01-01 00:00 far -> ${long}/c`);
  expect(seen).toContain(`-rw-r--r-- 0/0 1024 2025-01-01 00:00 ${long}`);
  expect(seen).toContain("drwxr-xr-x 0/0 0 2025-01-01 00:00 usr/share/");
});

test("writeTar() writes equal layers to equal bytes, whatever the order of their entries, in whole blocks", async () => {
  const entries = ["b", "a/z", "a/y"].map((path): Entry => ({ ...root, path, kind: "file", from: Buffer.from(path) }));
  const [one, other] = await Promise.all([
    readFile(await write("one.tar", makeLayer(entries))),
    readFile(await write("other.tar", makeLayer(entries.toReversed()))),
  ]);
  expect(one.equals(other)).toBe(true);
  expect(one.length % 512).toBe(0);
});

test("encodeEntry() refuses a number that has no place", async () => {
  const entry: Entry = { ...root, path: "a", kind: "folder", uid: 8 ** 7 };
  await expect(encodeEntry(entry)).rejects.toThrow(/7 octal digits/);
});
