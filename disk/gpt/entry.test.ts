import { expect, test } from "bun:test";
import { decodeEntry, encodeEntry, type Partition } from "./entry.ts";
import { guid } from "./guid.ts";

const partition: Partition = {
  number: 3,
  type: guid("5526016a-1a97-4ea4-b39a-b7c8c6ca4502"),
  guid: guid("11111111-2222-4333-8444-555555555555"),
  firstLba: 2048n,
  lastLba: 4095n,
  attributes: 1n << 48n,
  name: "ROOT-A",
};

test("decodeEntry() reverses encodeEntry(), with a name of full length too", () => {
  for (const name of ["", "ROOT-A", "x".repeat(36), "päth 🚀"]) {
    expect(decodeEntry(encodeEntry({ ...partition, name }), 3)).toEqual({ ...partition, name });
  }
});

test("decodeEntry() of zeros is no entry", () => {
  expect(decodeEntry(new Uint8Array(128), 1)).toBeUndefined();
});

test("decodeEntry() refuses an unused entry with something in it", () => {
  const entry = new Uint8Array(128);
  entry[127] = 1;
  expect(decodeEntry(entry, 9)).toEqual({ path: "partitions[9]", message: "is unused but not empty" });
});

test("decodeEntry() refuses data after the end of a name", () => {
  const entry = encodeEntry(partition);
  entry[126] = 0x41;
  expect(decodeEntry(entry, 3)).toHaveProperty("path", "partitions[3].name");
});

test("decodeEntry() refuses bytes that are not one entry", () => {
  expect(decodeEntry(new Uint8Array(127), 1)).toHaveProperty("message");
});
