import { expect, test } from "bun:test";
import { drawReport } from "./draw.ts";
import { reportOf } from "./testing.ts";

const report = reportOf([
  ["usr/bin/big", "first", 90_000_000],
  ["usr/bin/<odd>&", "second", 9_000_000],
  ["usr/share/small", "third", 10],
  ["usr/share/empty", "fourth", 0],
]);

test("drawReport() draws the same picture twice, with a legend and nothing from outside", () => {
  const svg = drawReport(report);
  expect(drawReport(report)).toBe(svg);
  for (const shown of ["first", "second", "third", "86 MiB", "big", "&lt;odd&gt;&amp;"]) expect(svg).toContain(shown);
  const addresses = svg.match(/https?:[^"]*/g);
  expect(addresses).toEqual(["http://www.w3.org/2000/svg"]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<odd>|<script|@import|href/);
});

test("drawReport() leaves packages without bytes out, and draws an empty image", () => {
  expect(drawReport(report)).not.toContain("fourth");
  expect(drawReport(reportOf([]))).toContain("0 B in 0 files");
});
