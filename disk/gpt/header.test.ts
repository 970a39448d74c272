import { expect, test } from "bun:test";
import { crc32 } from "./crc32.ts";
import { guid } from "./guid.ts";
import { decodeHeader, encodeHeader, type Header } from "./header.ts";

const header: Header = {
  myLba: 1n,
  alternateLba: 2047n,
  firstUsableLba: 34n,
  lastUsableLba: 2014n,
  diskGuid: guid("11111111-2222-4333-8444-555555555555"),
  entriesLba: 2n,
  entriesCrc32: 0xdeadbeef,
};

test("decodeHeader() reverses encodeHeader()", () => {
  expect(decodeHeader(encodeHeader(header, 512), "primary", 1n)).toEqual({ ok: true, value: header });
});

test("encodeHeader() fills one sector of 4096 bytes as well", () => {
  const sector = encodeHeader(header, 4096);
  expect(sector.length).toBe(4096);
  expect(decodeHeader(sector, "primary", 1n).ok).toBe(true);
});

/** The header with `bytes` at `offset` and its checksum made right again. */
function changed(offset: number, bytes: readonly number[]): Uint8Array {
  const sector = encodeHeader(header, 512);
  sector.set(bytes, offset);
  sector.fill(0, 16, 20);
  new DataView(sector.buffer).setUint32(16, crc32(sector.subarray(0, 92)), true);
  return sector;
}

test.each([
  ["another signature", changed(0, [0x58]), "header.signature"],
  ["another revision", changed(8, [1]), "header.revision"],
  ["a longer header", changed(12, [96]), "header.size"],
  ["a header of 4 GiB", changed(12, [0xff, 0xff, 0xff, 0xff]), "header.size"],
  ["a reserved field in use", changed(20, [1]), "header.reserved"],
  ["the place of another sector", changed(24, [2]), "header.myLba"],
  ["entries elsewhere", changed(72, [3]), "header.entriesLba"],
  ["four thousand million entries", changed(80, [0xff, 0xff, 0xff, 0xff]), "header.entryCount"],
  ["entries of 256 bytes", changed(84, [0, 1]), "header.entrySize"],
  ["data after its end", changed(511, [1]), "header"],
])("decodeHeader() refuses %s", (_name, sector, path) => {
  const decoded = decodeHeader(sector, "primary", 1n);
  expect(decoded.ok ? "" : decoded.fault.message).toContain(`: ${path}`);
});

test("decodeHeader() names every problem at once", () => {
  const decoded = decodeHeader(changed(80, [1, 0, 0, 0, 1]), "primary", 1n);
  expect(decoded.ok ? "" : decoded.fault.message).toMatch(/entryCount.*entrySize/);
});

test("decodeHeader() refuses a sector that is cut off", () => {
  expect(decodeHeader(new Uint8Array(91), "primary", 1n).ok).toBe(false);
});

test("decodeHeader() refuses a backup whose primary is not at LBA 1", () => {
  const backup = encodeHeader({ ...header, myLba: 2047n, alternateLba: 5n, entriesLba: 2015n }, 512);
  expect(decodeHeader(backup, "backup", 2047n).ok).toBe(false);
});
