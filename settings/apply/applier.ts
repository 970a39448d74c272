/**
 * Applying, one run after the other: plan from the live settings of that moment, carry out, record what came of it. What
 * is asked for while a run is under way is merged into one run after it. A service that failed stays on the record until
 * it is applied with success, whatever else is applied meanwhile.
 */
import { setImmediate } from "node:timers/promises";
import type { Log } from "../../base/log.ts";
import { reason } from "../../base/result.ts";
import type { Events } from "../events.ts";
import type { Settings } from "../model/settings.ts";
import type { Applied } from "./apply.ts";
import type { ApplyOutcome, NumberedOutcome, ServiceRunner, StepOutcome } from "./outcome.ts";
import type { OutcomeLog } from "./outcome-log.ts";
import type { UnitManager } from "./units.ts";

export type ApplierPorts = {
  readonly outcomes: OutcomeLog;
  readonly events: Events;
  readonly log: Log;
  readonly root: string;
  readonly runner: ServiceRunner;
  readonly units: UnitManager | undefined;
  readonly now: () => Date;
  /** The last generation and its settings. */
  readonly live: () => { readonly generation: number; readonly settings: Settings };
};

/** An apply that was asked for; its promise may be dropped, and never rejects for what goes wrong while applying. */
export type ApplyTicket = { readonly number: number; readonly done: Promise<ApplyOutcome> };

type Batch = {
  keys: ReadonlySet<string> | "all";
  first: number;
  last: number;
  readonly done: Promise<ApplyOutcome>;
  readonly finish: (outcome: ApplyOutcome) => void;
  readonly fail: (thrown: unknown) => void;
};

export class Applier {
  readonly #ports: ApplierPorts;
  #next: Batch | undefined;
  #running: Batch | undefined;
  #worker: Promise<void> | undefined;
  #last: ApplyOutcome | undefined;
  /** The lowest number of an earlier program that no outcome answers for yet. */
  #owed: number | undefined;

  constructor(ports: ApplierPorts) {
    this.#ports = ports;
  }

  /** Applies `keys` soon; `number` is one that was taken for it before. */
  request(keys: readonly string[] | "all", number: number = this.#ports.outcomes.take()): ApplyTicket {
    const next = (this.#next ??= emptyBatch(number));
    next.keys = keys === "all" || next.keys === "all" ? "all" : new Set([...next.keys, ...keys]);
    next.first = Math.min(next.first, number);
    next.last = Math.max(next.last, number);
    this.#worker ??= this.#work();
    return { number, done: next.done };
  }

  /** The next outcome answers for the numbers from `number` on as well. */
  owe(number: number): void {
    this.#owed = Math.min(this.#owed ?? number, number);
  }

  /** Whether anything is being applied or waits for it. */
  get busy(): boolean {
    return this.#worker !== undefined;
  }

  /** Resolves when nothing is left to apply. */
  async idle(): Promise<void> {
    while (this.#worker !== undefined) await this.#worker.catch(() => undefined);
  }

  /** The last outcome, from the store where this program has not applied yet. */
  last(): ApplyOutcome | undefined {
    this.#last ??= this.#ports.outcomes.outcomes()[0];
    return this.#last;
  }

  /** Undefined for a number that was never given out, or whose outcome is no longer kept. */
  outcome(number: number): NumberedOutcome | undefined {
    const { outcomes } = this.#ports;
    if (covers(this.#next, number)) return { number, state: "waiting" };
    if (covers(this.#running, number)) return { number, state: "applying" };
    if (!outcomes.wasGiven(number)) return undefined;
    const answer = outcomes.outcomes(number).at(-1);
    if (answer !== undefined && answer.first <= number) return { number, state: "done", outcome: answer };
    if (this.#owed !== undefined && number >= this.#owed) return { number, state: "waiting" };
    const oldest = outcomes.outcomes().at(-1);
    return oldest !== undefined && number < oldest.first ? undefined : { number, state: "interrupted" };
  }

  async #work(): Promise<void> {
    // The answer to whoever asked goes out first.
    await setImmediate();
    for (let batch = this.#next; batch !== undefined; batch = this.#next) {
      this.#next = undefined;
      this.#running = batch;
      try {
        batch.finish(this.#record(await this.#apply(batch)));
      } catch (thrown) {
        batch.fail(thrown); // of the record alone; the program goes on to be mended through
        this.#ports.log.error("The outcome of an apply is lost", { reason: reason(thrown) });
      }
      this.#running = undefined;
    }
    this.#worker = undefined;
  }

  async #apply(batch: Batch): Promise<ApplyOutcome> {
    const { now, events, live } = this.#ports;
    const keys = batch.keys === "all" ? "all" : [...batch.keys];
    events.emit({ kind: "apply-start", number: batch.last, keys });
    const start = performance.now();
    const at = now().toISOString();
    const { generation, settings } = live();
    const failedBefore = keys === "all" ? [] : failing(this.last());
    const applied = await this.#carryOut(settings, keys, failedBefore);
    const stillFailing = failedBefore.filter((name) => !names(applied).includes(name));
    const good =
      stillFailing.length === 0 &&
      applied.files.every(({ state }) => state === "written" || state === "unchanged") &&
      applied.services.every(({ state }) => state === "applied");
    const durationMs = Math.round((performance.now() - start) * 10) / 10;
    const first = Math.min(batch.first, this.#owed ?? batch.first);
    const record: ApplyOutcome = { number: batch.last, first, ok: good, generation, at, durationMs, keys, ...applied };
    return stillFailing.length === 0 ? record : { ...record, stillFailing };
  }

  async #carryOut(settings: Settings, keys: readonly string[] | "all", failed: readonly string[]): Promise<Applied> {
    const { root, runner, units, log } = this.#ports;
    try {
      // Loaded here: a program that only reads settings does not pay for templates.
      const [{ planApply }, { carryOut }] = await Promise.all([import("./plan.ts"), import("./apply.ts")]);
      return await carryOut(planApply(settings, keys, failed), { root, runner, units, strict: keys !== "all" });
    } catch (thrown) {
      // Nothing that goes wrong is thrown; whatever this is, who waits for the outcome hears of it.
      const problem = reason(thrown);
      log.error("Settings could not be applied", { keys, reason: problem });
      const step: StepOutcome = { step: "apply", state: "failed", durationMs: 0, problem };
      return { files: [], services: [{ name: "settings", state: "failed", commands: [step], checks: [] }] };
    }
  }

  #record(outcome: ApplyOutcome): ApplyOutcome {
    this.#owed = undefined;
    this.#last = outcome;
    this.#ports.outcomes.record(outcome);
    this.#ports.events.emit({ kind: "apply", number: outcome.number, outcome });
    return outcome;
  }
}

function covers(batch: Batch | undefined, number: number): boolean {
  return batch !== undefined && batch.first <= number && number <= batch.last;
}

function names({ services }: Pick<ApplyOutcome, "services">): readonly string[] {
  return services.map(({ name }) => name);
}

function failing(outcome: ApplyOutcome | undefined): readonly string[] {
  if (outcome === undefined) return [];
  const now = outcome.services.filter(({ state }) => state !== "applied").map(({ name }) => name);
  return [...(outcome.stillFailing ?? []), ...now];
}

function emptyBatch(number: number): Batch {
  const { promise, resolve, reject } = Promise.withResolvers<ApplyOutcome>();
  promise.catch(() => undefined); // whoever waits hears of it; nobody has to
  return { keys: new Set<string>(), first: number, last: number, done: promise, finish: resolve, fail: reject };
}
