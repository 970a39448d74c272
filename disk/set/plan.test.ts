import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type BootFlags, FRESH_FLAGS, NO_FLAGS } from "../gpt/attributes.ts";
import { nextSet } from "./choice.ts";
import {
  type Plan,
  planCancelUpgrade,
  planClearInactive,
  planMarkSuccessful,
  planMarkValid,
  planRollback,
  planUpgrade,
} from "./plan.ts";
import { otherSet } from "./sets.ts";
import type { SetState } from "./state.ts";
import { anySetState } from "./testing.ts";

const plans: Readonly<Record<string, Plan>> = {
  planMarkSuccessful,
  planClearInactive,
  planMarkValid,
  planUpgrade,
  planCancelUpgrade,
  planRollback,
};

type Fields = { priority: number; tries: number; good: boolean; starts: number };
type Model = { active: Fields; inactive: Fields; ever: boolean };

/** The contract's table, written down once more as changes in place; false when a precondition does not hold. */
const model: Readonly<Record<string, (m: Model) => boolean>> = {
  planMarkSuccessful: (m) => {
    m.active.good = true;
    m.active.starts = 0;
    m.ever = true;
    return true;
  },
  planClearInactive: (m) => {
    m.inactive = { priority: 0, tries: 0, good: false, starts: 0 };
    return starts(m.active);
  },
  planMarkValid: (m) => {
    m.inactive.tries = 1;
    m.inactive.starts = 0;
    return true;
  },
  planUpgrade: (m) => {
    const fits = m.inactive.priority === 0 && !m.inactive.good && m.inactive.tries > 0;
    m.inactive.priority = 2;
    m.inactive.starts = 0;
    m.active.priority = 1;
    return fits;
  },
  planCancelUpgrade: (m) => {
    m.inactive.priority = 0;
    m.active.priority = 2;
    return starts(m.active);
  },
  planRollback: (m) => {
    const fits = m.inactive.good || (m.inactive.priority > 0 && m.inactive.tries > 0);
    m.inactive.priority = 2;
    m.inactive.starts = 0;
    m.active.priority = 1;
    return fits;
  },
};

function starts(from: Fields): boolean {
  return from.priority > 0 && (from.good || from.tries > 0);
}

function fields(flags: BootFlags | undefined): Fields {
  const { priority, triesLeft, successful, starts: count } = flags ?? NO_FLAGS;
  return { priority, tries: triesLeft, good: successful, starts: count };
}

function toModel(state: SetState): Model {
  return {
    active: fields(state[state.active]),
    inactive: fields(state[otherSet(state.active)]),
    ever: state.everSucceeded,
  };
}

test.each(Object.keys(plans))("%s() does what the contract's table says, from any state", (name) => {
  fc.assert(
    fc.property(anySetState, (state) => {
      const planned = plans[name]?.(state);
      const wanted = toModel(state);
      const somethingStarted = nextSet(state) !== undefined;
      const fits = model[name]?.(wanted) === true;
      // The guard beyond the contract speaks only where something could be started before.
      const guarded = name === "planClearInactive" || name === "planCancelUpgrade";
      expect(planned?.ok).toBe(fits || (guarded && !somethingStarted));
      expect(planned?.ok === true ? toModel(planned.value) : wanted).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

test("plans never take the last set to start away", () => {
  fc.assert(
    fc.property(anySetState, fc.array(fc.constantFrom(...Object.values(plans)), { maxLength: 8 }), (first, steps) => {
      let state: SetState = first;
      for (const step of steps) {
        const planned = step(state);
        if (planned.ok) state = planned.value;
      }
      expect(nextSet(first) === undefined || nextSet(state) !== undefined).toBe(true);
    }),
  );
});

test("planUpgrade() and planRollback() make the inactive set the next one", () => {
  fc.assert(
    fc.property(anySetState, (state) => {
      for (const plan of [planUpgrade, planRollback]) {
        const planned = plan(state);
        const next = planned.ok ? nextSet(planned.value) : otherSet(state.active);
        expect(next).toBe(otherSet(state.active));
      }
    }),
  );
});

test("an update by the book: clear, mark valid, upgrade, cancel, upgrade again", () => {
  let state: SetState = { active: "A", A: FRESH_FLAGS, B: { ...NO_FLAGS, successful: true }, everSucceeded: true };
  const seen = [planClearInactive, planMarkValid, planUpgrade, planCancelUpgrade, planUpgrade].map((plan) => {
    const planned = plan(state);
    if (planned.ok) state = planned.value;
    return [planned.ok, state.A.priority, state.B?.priority, state.B?.triesLeft, nextSet(state)];
  });
  expect(seen).toEqual([
    [true, 1, 0, 0, "A"],
    [true, 1, 0, 1, "A"],
    [true, 1, 2, 1, "B"],
    [true, 2, 0, 1, "A"],
    [true, 1, 2, 1, "B"],
  ]);
});

test.each<readonly [what: string, plan: Plan, B: BootFlags, code: string]>([
  ["an upgrade to an empty set", planUpgrade, NO_FLAGS, "not-valid"],
  ["an upgrade that is already under way", planUpgrade, { ...NO_FLAGS, priority: 2, triesLeft: 1 }, "already-marked"],
  ["an upgrade to a set that worked before", planUpgrade, { ...NO_FLAGS, successful: true }, "already-marked"],
  ["going back to an empty set", planRollback, NO_FLAGS, "not-bootable"],
])("plans refuse %s", (_, plan, B, code) => {
  const planned = plan({ active: "A", A: FRESH_FLAGS, B, everSucceeded: false });
  expect(planned.ok ? "" : planned.fault.code).toBe(code);
});

test("plans refuse to drop the old set before the running one is marked successful", () => {
  const state: SetState = {
    active: "B",
    A: FRESH_FLAGS,
    B: { ...NO_FLAGS, priority: 2, starts: 1 },
    everSucceeded: true,
  };
  const codes = [planClearInactive, planCancelUpgrade].map((plan) => {
    const planned = plan(state);
    return planned.ok ? "" : planned.fault.code;
  });
  expect(codes).toEqual(["nothing-would-start", "nothing-would-start"]);
});

test("plans need a second set, but for planMarkSuccessful()", () => {
  const state: SetState = { active: "A", A: FRESH_FLAGS, everSucceeded: false };
  const { planMarkSuccessful: mark, ...others } = plans;
  expect(mark?.(state)).toEqual({ ok: true, value: { ...state, everSucceeded: true } });
  const codes = Object.values(others).map((plan) => {
    const planned = plan(state);
    return planned.ok ? "" : planned.fault.code;
  });
  expect(codes).toEqual(Array.from({ length: 5 }, () => "no-second-set"));
});
