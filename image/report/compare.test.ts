import { expect, test } from "bun:test";
import { areAlike, compareReports, formatDifferences } from "./compare.ts";
import { reportOf } from "./testing.ts";

const a = reportOf([
  ["usr/bin/one", "first", 1000],
  ["usr/bin/two", "second", 500],
  ["usr/share/x", "third", 100],
]);
const b = {
  ...reportOf([
    ["usr/bin/one", "first", 5120],
    ["usr/bin/new", "second", 500],
    ["usr/share/y", "fourth", 10],
  ]),
  setuid: [{ path: "usr/bin/new", package: "second", mode: "4755" }],
};

test("compareReports() names what came, went and changed its size", () => {
  expect(compareReports(a, b)).toMatchObject({
    packages: [
      { name: "first", from: 1000, to: 5120 },
      { name: "third", from: 100, to: 0 },
      { name: "fourth", from: 0, to: 10 },
    ],
    images: [],
    debian: { added: ["libfourth 1"], removed: ["libthird 1"] },
    executables: { added: ["/usr/bin/new"], removed: ["/usr/bin/two"] },
    setuid: { added: ["/usr/bin/new 4755"], removed: [] },
    units: { added: [], removed: [] },
  });
});

test("compareReports() finds nothing between a report and itself", () => {
  const same = compareReports(a, a);
  expect(areAlike(same)).toBe(true);
  expect(formatDifferences(same)).toContain("No difference in content");
});

test("compareReports() is the same both ways, turned round", () => {
  const [there, back] = [compareReports(a, b), compareReports(b, a)];
  expect(back.packages.map(({ name, from, to }) => ({ name, from: to, to: from }))).toEqual([...there.packages]);
  expect([back.executables.added, back.executables.removed]).toEqual([
    there.executables.removed,
    there.executables.added,
  ]);
});

test("formatDifferences() shows removals before additions", () => {
  const text = formatDifferences(compareReports(a, b));
  expect(text).toContain("Executables\n  - /usr/bin/two\n  + /usr/bin/new");
  expect(text).toContain("first   1000 B → 5.0 KiB  +4.0 KiB");
  expect(text).toContain("gone");
});
