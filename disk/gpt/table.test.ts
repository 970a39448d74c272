import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkTable, type Table, withAttributes } from "./table.ts";
import { anyTable, sampleTable as table } from "./testing.ts";

/** `table` with some fields of partition 2 replaced. */
function second(fields: Partial<Table["partitions"][number]>): Table {
  const partitions = table.partitions.map((each) => (each.number === 2 ? { ...each, ...fields } : each));
  return { ...table, partitions };
}

test("checkTable() finds nothing wrong with good tables", () => {
  fc.assert(fc.property(anyTable, (good) => expect(checkTable(good)).toEqual([])));
});

test.each([
  ["a sector size of 1000", { ...table, sectorSize: 1000 }, "sectorSize"],
  ["a backup inside the data", { ...table, backupLba: 4096n }, "lastUsableLba"],
  ["a backup beyond any disk", { ...table, backupLba: 1n << 60n }, "backupLba"],
  ["a usable range inside the primary", { ...table, firstUsableLba: 33n }, "firstUsableLba"],
  [
    "an empty usable range",
    { ...table, firstUsableLba: 16000n, lastUsableLba: 15000n, partitions: [] },
    "lastUsableLba",
  ],
  ["an overlap", second({ firstLba: 4095n }), "partitions[2].firstLba"],
  ["a partition before the usable range", second({ firstLba: 33n }), "partitions[2].firstLba"],
  ["a partition past the end", second({ lastLba: 16383n }), "partitions[2].lastLba"],
  ["a partition that ends before it starts", second({ lastLba: 4095n }), "partitions[2].lastLba"],
  ["a GUID used twice", second({ guid: table.partitions[0]?.guid ?? table.diskGuid }), "partitions[2].guid"],
  ["a number used twice", second({ number: 1 }), "partitions[1].number"],
  ["number 129", second({ number: 129 }), "partitions[129].number"],
  ["a long name", second({ name: "x".repeat(37) }), "partitions[2].name"],
  ["half a character in a name", second({ name: "\ud800" }), "partitions[2].name"],
  ["attributes of 65 bits", second({ attributes: 1n << 64n }), "partitions[2].attributes"],
])("checkTable() refuses %s", (_name, wrong, path) => {
  expect(checkTable(wrong).map((problem) => problem.path)).toContain(path);
});

test("checkTable() sees a small partition inside a large one", () => {
  const wide = table.partitions.map((each) => (each.number === 1 ? { ...each, lastLba: 9000n } : each));
  const inside = { ...second({}), partitions: wide };
  expect(checkTable(inside).map((problem) => problem.path)).toEqual(["partitions[2].firstLba"]);
});

test("withAttributes() changes the partitions named and no others", () => {
  const changed = withAttributes(table, new Map([[2, 5n]]));
  expect(changed).toEqual(second({ attributes: 5n }));
});
