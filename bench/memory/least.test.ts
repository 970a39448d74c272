import { expect, test } from "bun:test";
import { leastEnough } from "./least.ts";

test("leastEnough() finds the border in few tries", async () => {
  const tried: number[] = [];
  const enough = (value: number): Promise<boolean> => {
    tried.push(value);
    return Promise.resolve(value >= 130);
  };
  expect(await leastEnough({ low: 64, high: 256, step: 8 }, enough)).toBe(136);
  expect(tried.length).toBeLessThan(7);
});

test("leastEnough() gives the upper end when nothing below it is enough", async () => {
  expect(await leastEnough({ low: 0, high: 64, step: 16 }, () => Promise.resolve(false))).toBe(64);
});
