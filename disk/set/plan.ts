/**
 * What each verb of `signpost` makes of the flags (contracts §12.3), as pure functions from state to state. Nothing here
 * touches a disk. Two things go beyond the contract:
 *
 * - A set that is to be started anew gets its count of fruitless starts back to 0, or the selector could pass over it.
 * - A plan that would leave no set to start, where there was one, is refused.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import { type BootFlags, NO_FLAGS, willBoot } from "../gpt/attributes.ts";
import { nextSet } from "./choice.ts";
import { otherSet } from "./sets.ts";
import type { SetState } from "./state.ts";

export type PlanFault = "no-second-set" | "already-marked" | "not-valid" | "not-bootable" | "nothing-would-start";

export type Plan = (state: SetState) => Result<SetState, PlanFault>;

/** The running set works: it counts as good from now on. Also in an image with one set. Tries stay as they are. */
export function planMarkSuccessful(state: SetState): Result<SetState, PlanFault> {
  const flags = state[state.active];
  if (flags === undefined) return noSecondSet("mark the boot as successful", state);
  return ok({ ...state, [state.active]: { ...flags, successful: true, starts: 0 }, everSucceeded: true });
}

/** The inactive set is about to be overwritten: it must not be started any more. */
export function planClearInactive(state: SetState): Result<SetState, PlanFault> {
  return change("clear the inactive set", state, () => ok({ inactive: NO_FLAGS }));
}

/** The inactive set holds a whole, verified image: it may be tried once. It is not started before `planUpgrade`. */
export function planMarkValid(state: SetState): Result<SetState, PlanFault> {
  return change("mark the inactive set as valid", state, (_, inactive) =>
    ok({ inactive: { ...inactive, triesLeft: 1, starts: 0 } }),
  );
}

/** The inactive set goes first from the next boot on. */
export function planUpgrade(state: SetState): Result<SetState, PlanFault> {
  const action = "upgrade to the inactive set";
  return change(action, state, (active, inactive) => {
    if (inactive.priority > 0 || inactive.successful) {
      const is = `has priority ${inactive.priority} and ${inactive.successful ? "was" : "was not"} successful`;
      return refuse("already-marked", action, state, `${is}, wanted a cleared set with a new image`);
    }
    if (inactive.triesLeft === 0) return refuse("not-valid", action, state, "has no try left, wanted a valid image");
    return ok({ active: { ...active, priority: 1 }, inactive: { ...inactive, priority: 2, starts: 0 } });
  });
}

/** Takes `planUpgrade` back; the image stays where it is and can be upgraded to again. */
export function planCancelUpgrade(state: SetState): Result<SetState, PlanFault> {
  return change("cancel the upgrade", state, (active, inactive) =>
    ok({ active: { ...active, priority: 2 }, inactive: { ...inactive, priority: 0 } }),
  );
}

/** The inactive set, which worked before, goes first from the next boot on. */
export function planRollback(state: SetState): Result<SetState, PlanFault> {
  const action = "roll back to the inactive set";
  return change(action, state, (active, inactive) => {
    if (!willBoot(inactive)) return refuse("not-bootable", action, state, "would not boot");
    return ok({ active: { ...active, priority: 1 }, inactive: { ...inactive, priority: 2, starts: 0 } });
  });
}

type Change = { readonly active?: BootFlags; readonly inactive: BootFlags };

function change(
  action: string,
  state: SetState,
  make: (active: BootFlags, inactive: BootFlags) => Result<Change, PlanFault>,
): Result<SetState, PlanFault> {
  const target = otherSet(state.active);
  const [active, inactive] = [state[state.active], state[target]];
  if (active === undefined || inactive === undefined) return noSecondSet(action, state);
  const made = make(active, inactive);
  if (!made.ok) return made;
  const after: SetState = {
    ...state,
    [state.active]: made.value.active ?? active,
    [target]: made.value.inactive,
  };
  if (nextSet(state) !== undefined && nextSet(after) === undefined) {
    const why = `set ${state.active} is not marked successful yet, so no set would be left to start`;
    return fail(new Fault("nothing-would-start", `Cannot ${action}: ${why}`));
  }
  return ok(after);
}

function refuse(code: PlanFault, action: string, state: SetState, what: string): Result<never, PlanFault> {
  return fail(new Fault(code, `Cannot ${action}: set ${otherSet(state.active)} ${what}`));
}

function noSecondSet(action: string, state: SetState): Result<never, PlanFault> {
  const missing = state[state.active] === undefined ? state.active : otherSet(state.active);
  const what = `the disk has no set ${missing}: its image is made without updates in place`;
  return fail(new Fault("no-second-set", `Cannot ${action}: ${what}`));
}
