/** `/apply…`, our own: what applying did, by the number that `Location` of a commit names. */
import { Fault } from "../../../base/result.ts";
import type { NumberedOutcome } from "../../../settings/apply/outcome.ts";
import type { Engine } from "../../../settings/engine.ts";
import { type Handler, json } from "../answer.ts";
import { flagParameter, numberPart } from "../parameters.ts";

/** Newest first. */
export const listOutcomes: Handler = (_call, { engine }) => json(engine.outcomes());

export const latestOutcome: Handler = (_call, { engine }) => {
  const outcome = engine.lastApply();
  if (outcome === undefined) throw new Fault("unknown-outcome", "Cannot find an outcome: nothing was applied yet");
  return json(shown({ number: outcome.number, state: "done", outcome }));
};

/** With `wait=true` the answer comes when there is nothing more to wait for. */
export const getOutcome: Handler = ({ part, query }, { engine }) => {
  const number = numberPart(part);
  const found = find(engine, number);
  if (!flagParameter(query, "wait") || !isPending(found)) return json(shown(found));
  return awaitOutcome(engine, number).then((outcome) => json(shown(outcome)));
};

function find(engine: Engine, number: number): NumberedOutcome {
  const found = engine.outcome(number);
  if (found !== undefined) return found;
  throw new Fault("unknown-outcome", `Cannot find the outcome ${number}: there is none, or it is no longer kept`);
}

function isPending({ state }: NumberedOutcome): boolean {
  return state === "waiting" || state === "applying";
}

async function awaitOutcome(engine: Engine, number: number): Promise<NumberedOutcome> {
  const { promise, resolve } = Promise.withResolvers<NumberedOutcome>();
  const leave = engine.subscribe((event) => {
    if (event.kind !== "apply") return;
    const { outcome } = event;
    if (outcome.first <= number && number <= outcome.number) resolve({ number, state: "done", outcome });
  });
  try {
    return await promise;
  } finally {
    leave();
  }
}

/** `ok` only where it is known. */
function shown(found: NumberedOutcome): object {
  return found.state === "done" ? { ...found.outcome, number: found.number, state: found.state } : found;
}
