import { expect, test } from "bun:test";
import { meetsAim, sectionsSchema, type Section } from "./figure.ts";
import { formatMarkdown, formatSection } from "./table.ts";

const section: Section = {
  name: "boot",
  title: "Boot",
  figures: [
    { name: "API answers", value: 4.567, unit: "G", digits: 2, aim: { atMost: 5 }, debian: 16.5 },
    { name: "requests", value: 19_999, unit: "/s", aim: { atLeast: 20_000 }, note: "one client" },
    { name: "processes", value: 8, unit: "" },
  ],
};

test("formatSection() aligns values, and says which aims are met", () => {
  expect(formatSection(section).split("\n")).toEqual([
    "Boot",
    "  API answers     4.57 G  ≤ 5.00 met       Debian 16.50",
    "  requests     19,999 /s  ≥ 20,000 missed                one client",
    "  processes            8",
    "",
  ]);
});

test("formatMarkdown() makes one row of each figure", () => {
  const rows = formatMarkdown(section).trim().split("\n");
  expect(rows).toHaveLength(7);
  expect(rows[4]).toBe("| API answers | 4.57 G | ≤ 5.00 met | 16.50 |  |");
});

test("meetsAim() knows both directions, and no aim", () => {
  expect(section.figures.map(meetsAim)).toEqual([true, false, undefined]);
});

test("sectionsSchema takes what is written as JSON", () => {
  expect(sectionsSchema.parse(JSON.parse(JSON.stringify([section])))).toEqual([section]);
});
