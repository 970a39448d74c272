import { expect, test } from "bun:test";
import { isProtectiveMbr, protectiveMbr } from "./mbr.ts";

test("protectiveMbr() covers the disk from LBA 1", () => {
  const view = new DataView(protectiveMbr(2048n).buffer);
  expect([view.getUint32(454, true), view.getUint32(458, true)]).toEqual([1, 2047]);
});

test("protectiveMbr() of a disk beyond 32 bits says as much as fits", () => {
  expect(new DataView(protectiveMbr(1n << 40n).buffer).getUint32(458, true)).toBe(0xffff_ffff);
});

test("protectiveMbr() keeps boot code and replaces the records", () => {
  const before = new Uint8Array(512).fill(7);
  const mbr = protectiveMbr(2048n, before);
  expect(mbr.subarray(0, 446)).toEqual(before.subarray(0, 446));
  expect(isProtectiveMbr(mbr)).toBe(true);
});

test("isProtectiveMbr() refuses other records, no signature, and less than a sector", () => {
  for (const at of [450, 454, 462, 510]) {
    const mbr = protectiveMbr(2048n);
    mbr[at] = 0x83;
    expect(isProtectiveMbr(mbr)).toBe(false);
  }
  expect(isProtectiveMbr(new Uint8Array(100))).toBe(false);
});
