import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type BootFlags, FRESH_FLAGS, NO_FLAGS, willBoot } from "../gpt/attributes.ts";
import { anyBootFlags } from "../gpt/testing.ts";
import { nextSet, startable } from "./choice.ts";

const good = (priority: number, starts = 0): BootFlags => ({ priority, triesLeft: 0, successful: true, starts });
const once = (priority: number, starts = 0): BootFlags => ({ priority, triesLeft: 1, successful: false, starts });

test.each<readonly [name: string, A: BootFlags, B: BootFlags | undefined, next: "A" | "B" | undefined]>([
  ["a fresh image", FRESH_FLAGS, NO_FLAGS, "A"],
  ["an image with one set", FRESH_FLAGS, undefined, "A"],
  ["an upgrade to be tried", good(1), once(2), "B"],
  ["an upgrade whose try is used up", good(1), { ...once(2), triesLeft: 0 }, "A"],
  ["equal priorities", good(2), good(2), "A"],
  ["two cleared sets", NO_FLAGS, NO_FLAGS, undefined],
  ["a set that was good but has priority 0", { ...good(1), priority: 0 }, NO_FLAGS, undefined],
  ["a good set that failed twice since", good(1), good(2, 2), "B"],
  ["a good set that failed three times since", good(1), good(2, 3), "A"],
  ["both sets failing, the higher one less often", good(1, 5), good(2, 4), "B"],
  ["both sets failing, the lower one less often", good(1, 4), good(2, 5), "A"],
  ["both sets failing, the higher one after its count went round", good(1, 7), good(2, 3), "A"],
  ["both sets failing, the lower one after its count went round", good(1, 3), good(2, 7), "B"],
  ["both sets failing equally often", good(1, 6), good(2, 6), "B"],
  ["a failing set alone", NO_FLAGS, good(1, 7), "B"],
])("nextSet() knows what follows %s", (_, A, B, next) => {
  expect(nextSet({ A, B })).toBe(next);
});

test("startable() is willBoot() but for sets with priority 0", () => {
  fc.assert(
    fc.property(anyBootFlags, (flags) => {
      expect(startable(flags)).toBe(willBoot(flags) && flags.priority > 0);
    }),
  );
});
