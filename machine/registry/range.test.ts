import { expect, test } from "bun:test";
import { rangeOf } from "./range.ts";

const cases: Readonly<Record<string, unknown>> = {
  "bytes=0-": { from: 0, to: 10 },
  "bytes=2-4": { from: 2, to: 5 },
  "bytes=9-": { from: 9, to: 10 },
  "bytes=5-100": { from: 5, to: 10 },
  "bytes=-3": { from: 7, to: 10 },
  "bytes=-30": { from: 0, to: 10 },
  "bytes=10-": "unsatisfiable",
  "bytes=-0": "unsatisfiable",
  "bytes=4-2": undefined,
  "bytes=-": undefined,
  "bytes=0-1,3-4": undefined,
  "lines=1-2": undefined,
  "bytes=a-b": undefined,
};
for (const [header, wanted] of Object.entries(cases)) {
  test(`rangeOf("${header}") of ten bytes`, () => expect(rangeOf(header, 10)).toEqual(wanted as never));
}
test("rangeOf() of nothing is everything", () => expect(rangeOf(undefined, 10)).toBeUndefined());
