import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { orThrow } from "../../base/result.ts";
import { withAttributes } from "../gpt/table.ts";
import { anyAttributes } from "../gpt/testing.ts";
import { findSets } from "./sets.ts";
import { changedAttributes, readState } from "./state.ts";
import { anySetState, osTable } from "./testing.ts";

test("readState() gives back what changedAttributes() wrote, and foreign bits stay", () => {
  fc.assert(
    fc.property(anySetState, anySetState, anyAttributes, (before, after, noise) => {
      const foreign = noise & ~(0xfffn << 48n);
      const base = osTable(before, before.everSucceeded);
      const table = withAttributes(
        base,
        new Map(base.partitions.map(({ number, attributes }) => [number, attributes | foreign])),
      );
      const changed = changedAttributes(orThrow(findSets(table)), after);
      const written = withAttributes(table, changed);
      const ever = before.everSucceeded || after.everSucceeded;
      expect(readState(orThrow(findSets(written)), after.active)).toEqual({ ...after, everSucceeded: ever });
      const bits = written.partitions.map(({ attributes }) => attributes & ~(0xfffn << 48n));
      expect(bits.every((each) => each === foreign)).toBe(true);
    }),
  );
});

test("changedAttributes() is empty for the state that is there", () => {
  fc.assert(
    fc.property(anySetState, (state) => {
      const sets = orThrow(findSets(osTable(state, state.everSucceeded)));
      expect(changedAttributes(sets, readState(sets, state.active)).size).toBe(0);
    }),
  );
});

test("changedAttributes() touches BOOT and PRIVATE only", () => {
  fc.assert(
    fc.property(anySetState, anySetState, (before, after) => {
      const changed = changedAttributes(orThrow(findSets(osTable(before, before.everSucceeded))), after);
      expect([...changed.keys()].filter((number) => ![2, 5, 8].includes(number))).toEqual([]);
    }),
  );
});
