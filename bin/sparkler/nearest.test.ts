import { expect, test } from "bun:test";
import { distance, nearest } from "./nearest.ts";

test("distance() counts changed, added, dropped and swapped letters once each", () => {
  expect(["up", "pu", "cup", "u", "ip"].map((word) => distance(word, "up"))).toEqual([0, 1, 1, 1, 1]);
});

test("nearest() finds what was meant, and nothing where nothing is near", () => {
  const words = ["up", "down", "status", "console"];
  expect(["statsu", "don", "consol", "frobnicate", "x"].map((word) => nearest(word, words))).toEqual([
    "status",
    "down",
    "console",
    undefined,
    undefined,
  ]);
});
