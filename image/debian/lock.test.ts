import { expect, test } from "bun:test";
import { describeMoves, formatLock, type LockedPackage, parseLock } from "./lock.ts";

const zlib: LockedPackage = {
  name: "zlib1g",
  version: "1:1.3-1",
  archive: "main",
  path: "pool/main/z/zlib/zlib1g_1.3-1_amd64.deb",
  size: 10,
  sha256: "ab".repeat(32),
};
const lock = { suite: "trixie", sets: { tools: [{ ...zlib, name: "zz" }, zlib] } };

test("parseLock() reads what formatLock() wrote, sorted by name", () => {
  const read = parseLock(formatLock(lock));
  expect(read).toEqual({ ok: true, value: { suite: "trixie", sets: { tools: [zlib, { ...zlib, name: "zz" }] } } });
});

test.each([
  ["a path that leaves the pool", { ...zlib, path: "pool/../etc/x.deb" }],
  ["an upper-case hash", { ...zlib, sha256: "AB".repeat(32) }],
  ["a size that is a string", { ...zlib, size: "10" }],
  ["a version with a blank", { ...zlib, version: "1 2" }],
  ["null", null],
])("parseLock() refuses %s and says where", (_, item) => {
  const read = parseLock(JSON.stringify({ suite: "trixie", sets: { tools: [zlib, item] } }));
  expect(read.ok ? "" : read.fault.message).toContain("tools[1]");
});

test("describeMoves() names new, moved and gone packages", () => {
  const to = [
    { ...zlib, version: "2" },
    { ...zlib, name: "new" },
  ];
  expect(describeMoves([zlib, { ...zlib, name: "old" }], to)).toEqual([
    "new 1:1.3-1 is new",
    "old 1:1.3-1 is gone",
    "zlib1g moved from 1:1.3-1 to 2",
  ]);
});
