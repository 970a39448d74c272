import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  bootFlags,
  everSucceeded,
  FRESH_FLAGS,
  NO_FLAGS,
  willBoot,
  withBootFlags,
  withEverSucceeded,
} from "./attributes.ts";
import { anyAttributes, anyBootFlags } from "./testing.ts";

test("withBootFlags() gives a fresh BOOT-A bits 48 and 56 only", () => {
  expect(withBootFlags(0n, FRESH_FLAGS)).toBe((1n << 48n) | (1n << 56n));
});

test.each([
  ["priority", { ...NO_FLAGS, priority: 15 }, 0xfn << 48n],
  ["triesLeft", { ...NO_FLAGS, triesLeft: 15 }, 0xfn << 52n],
  ["successful", { ...NO_FLAGS, successful: true }, 1n << 56n],
  ["starts", { ...NO_FLAGS, starts: 7 }, 7n << 57n],
])("withBootFlags() puts %s where the contract says", (_name, flags, bits) => {
  expect(withBootFlags(0n, flags)).toBe(bits);
});

test("bootFlags() reads back what withBootFlags() wrote, and no other bit changes", () => {
  const fields = 0xfffn << 48n;
  fc.assert(
    fc.property(anyAttributes, anyBootFlags, (before, flags) => {
      const after = withBootFlags(before, flags);
      expect(bootFlags(after)).toEqual(flags);
      expect(after & ~fields).toBe(before & ~fields);
    }),
  );
});

test.each([
  ["a priority of 16", { ...NO_FLAGS, priority: 16 }],
  ["16 tries", { ...NO_FLAGS, triesLeft: 16 }],
  ["8 starts", { ...NO_FLAGS, starts: 8 }],
  ["a negative priority", { ...NO_FLAGS, priority: -1 }],
  ["half a try", { ...NO_FLAGS, triesLeft: 0.5 }],
])("withBootFlags() refuses %s", (_name, flags) => {
  expect(() => withBootFlags(0n, flags)).toThrow(RangeError);
});

test("withEverSucceeded() sets bit 57 and nothing else", () => {
  expect(withEverSucceeded(0n)).toBe(1n << 57n);
  expect(everSucceeded(1n << 57n)).toBe(true);
  expect(everSucceeded(~(1n << 57n) & 0xffff_ffff_ffff_ffffn)).toBe(false);
});

test.each([
  ["nothing set", NO_FLAGS, false],
  ["priority without tries", { ...NO_FLAGS, priority: 1 }, false],
  ["tries without priority", { ...NO_FLAGS, triesLeft: 1 }, false],
  ["priority and tries", { ...NO_FLAGS, priority: 1, triesLeft: 1 }, true],
  ["successful alone", { ...NO_FLAGS, successful: true }, true],
  ["a fresh image", FRESH_FLAGS, true],
])("willBoot() with %s", (_name, flags, expected) => {
  expect(willBoot(flags)).toBe(expected);
});
