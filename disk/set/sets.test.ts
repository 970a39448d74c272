import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { FRESH_FLAGS, NO_FLAGS } from "../gpt/attributes.ts";
import type { Table } from "../gpt/table.ts";
import { findSets, setOfRoot } from "./sets.ts";
import { osTable } from "./testing.ts";
import { PARTITION_TYPES } from "./types.ts";

const table = osTable({ A: FRESH_FLAGS, B: NO_FLAGS });

function without(name: string): Table {
  return { ...table, partitions: table.partitions.filter((each) => each.name !== name) };
}

test("findSets() finds both sets and PRIVATE", () => {
  const { A, B, private: own } = orThrow(findSets(table));
  expect([A.boot, A.root, A.hash, B?.boot, B?.root, B?.hash, own].map((each) => each?.number)).toEqual([
    2, 3, 4, 5, 6, 7, 8,
  ]);
});

test("findSets() goes by order on the disk, not by number", () => {
  const places = table.partitions.map(({ firstLba, lastLba }) => ({ firstLba, lastLba })).toReversed();
  const partitions = table.partitions.map((each, at) => ({ ...each, ...places[at] }));
  const { A, B } = orThrow(findSets({ ...table, partitions }));
  expect([A.boot.number, A.root.number, A.hash.number, B?.boot.number]).toEqual([5, 6, 7, 2]);
});

test("findSets() accepts an image with one set", () => {
  const { A, B } = orThrow(findSets(osTable({ A: FRESH_FLAGS })));
  expect([A.hash.number, B]).toEqual([4, undefined]);
});

test.each([
  ["BOOT-A", "ROOT: 2 partitions, wanted as many as BOOT; HASH: 2"],
  ["ROOT-B", "ROOT: 1 partitions"],
  ["HASH-A", "HASH: 1 partitions"],
  ["PRIVATE", "PRIVATE: 0 partitions, wanted 1"],
])("findSets() refuses a disk without %s", (name, message) => {
  const found = findSets(without(name));
  expect(found.ok ? "" : found.fault.message).toContain(message);
});

test("findSets() refuses a disk with three sets, and one with none", () => {
  const third = table.partitions.find((each) => each.name === "DATA");
  const partitions = table.partitions.map((each) => (each === third ? { ...each, type: PARTITION_TYPES.boot } : each));
  expect(findSets({ ...table, partitions }).ok).toBe(false);
  expect(findSets({ ...table, partitions: [] }).ok).toBe(false);
});

test("setOfRoot() names the set of a ROOT partition and nothing for others", () => {
  const sets = orThrow(findSets(table));
  expect([2, 3, 4, 6, 8].map((number) => setOfRoot(sets, number))).toEqual([undefined, "A", undefined, "B", undefined]);
});
