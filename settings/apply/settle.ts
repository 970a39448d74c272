/** Looking at the units again after all commands, and fetching what failed units said. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceOutcome, StepOutcome } from "./outcome.ts";
import type { PlannedService } from "./plan.ts";
import { problemOf, SETTLE_MS, type UnitManager, type UnitState, unitsOf } from "./units.ts";

/** `outcomes` with a check per unit that their commands acted on, and the journal of those that failed. */
export async function settle(
  outcomes: readonly ServiceOutcome[],
  planned: readonly PlannedService[],
  units: UnitManager,
): Promise<readonly ServiceOutcome[]> {
  const commandsOf = new Map(planned.map(({ name, commands }) => [name, commands]));
  const touched = outcomes.map((outcome) => {
    const commands = outcome.state === "skipped" ? [] : (commandsOf.get(outcome.name) ?? []);
    return { outcome, commands, names: unitsOf(commands) };
  });
  const all = [...new Set(touched.flatMap(({ names }) => names))];
  if (all.length === 0) return outcomes;
  await sleep(units.settleMs ?? SETTLE_MS);
  const start = performance.now();
  const asked = await units.states(all);
  const durationMs = Math.round((performance.now() - start) * 10) / 10;
  const states = new Map((asked.ok ? asked.value : []).map((state) => [state.unit, state]));
  return Promise.all(
    touched.map(async ({ outcome, commands, names }) => {
      if (names.length === 0) return outcome;
      const unasked = asked.ok ? undefined : asked.fault.message;
      const look = { durationMs, unasked };
      const checks = names.map((unit) => checkOf(unit, states.get(unit), commands, look));
      return judge({ ...outcome, checks: [...outcome.checks, ...checks] }, names, units);
    }),
  );
}

type Look = { readonly durationMs: number; readonly unasked: string | undefined };

/** A unit that systemd knows under another name cannot be judged, and its command has. */
function checkOf(
  unit: string,
  state: UnitState | undefined,
  commands: PlannedService["commands"],
  { durationMs, unasked }: Look,
): StepOutcome {
  const step = `look at ${unit}`;
  const problem = unasked ?? (state === undefined ? undefined : problemOf(state, commands));
  if (problem === undefined) return { step, state: "done", durationMs };
  return { step, state: "failed", durationMs, problem };
}

async function judge(outcome: ServiceOutcome, names: readonly string[], units: UnitManager): Promise<ServiceOutcome> {
  const good = [...outcome.commands, ...outcome.checks].every(({ state }) => state === "done");
  if (good) return outcome;
  const journal = await Promise.all(names.map(async (unit) => ({ unit, lines: await units.lastLines(unit) })));
  const said = journal.filter(({ lines }) => lines.length > 0);
  return { ...outcome, state: "failed", ...(said.length === 0 ? {} : { journal: said }) };
}
