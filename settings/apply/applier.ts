/**
 * Applying, one after the other: plan from the live settings of that moment, carry out, record what came of it (whoever
 * asked tells the journal). A service that failed stays on the record until it is applied with success, whatever else is applied meanwhile.
 */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { Settings } from "../model/settings.ts";
import type { Store } from "../store/store.ts";
import type { ApplyOutcome, ServiceRunner } from "./outcome.ts";
import { readOutcome } from "./read-outcome.ts";

export type ApplierPorts = {
  readonly store: Store;
  readonly log: Log;
  readonly root: string;
  readonly runner: ServiceRunner;
  readonly now: () => Date;
  readonly settings: () => Settings;
};

export class Applier {
  readonly #ports: ApplierPorts;
  #last: ApplyOutcome | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: ApplierPorts) {
    this.#ports = ports;
  }

  apply(keys: readonly string[] | "all"): Promise<ApplyOutcome> {
    const mine = this.#turn.then(() => this.#apply(keys));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** The last outcome, from the store where this program has not applied yet. */
  last(): ApplyOutcome | undefined {
    if (this.#last !== undefined) return this.#last;
    const { store, log } = this.#ports;
    const text = store.lastOutcome();
    if (text === undefined) return undefined;
    this.#last = readOutcome(text);
    if (this.#last === undefined) log.warn("The recorded outcome of the last apply cannot be read");
    return this.#last;
  }

  async #apply(keys: readonly string[] | "all"): Promise<ApplyOutcome> {
    const { root, runner, now, store } = this.#ports;
    // Loaded here: a program that only reads settings does not pay for templates.
    const [{ planApply }, { carryOut }] = await Promise.all([import("./plan.ts"), import("./apply.ts")]);
    const start = performance.now();
    const at = now().toISOString();
    const generation = store.generation;
    const applied = await carryOut(planApply(this.#ports.settings(), keys), { root, runner, strict: keys !== "all" });
    const stillFailing = keys === "all" ? [] : failing(this.last()).filter((name) => !names(applied).includes(name));
    const good =
      stillFailing.length === 0 &&
      applied.files.every(({ state }) => state === "written" || state === "unchanged") &&
      applied.services.every(({ state }) => state === "applied");
    const durationMs = Math.round((performance.now() - start) * 10) / 10;
    const record = { ok: good, generation, at, durationMs, keys, ...applied };
    this.#last = stillFailing.length === 0 ? record : { ...record, stillFailing };
    this.#record(this.#last);
    return this.#last;
  }

  #record(outcome: ApplyOutcome): void {
    try {
      this.#ports.store.recordOutcome(JSON.stringify(outcome));
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      this.#ports.log.error("The outcome of an apply is not recorded", { reason: thrown.message });
    }
  }
}

function names({ services }: Pick<ApplyOutcome, "services">): readonly string[] {
  return services.map(({ name }) => name);
}

function failing(outcome: ApplyOutcome | undefined): readonly string[] {
  if (outcome === undefined) return [];
  const now = outcome.services.filter(({ state }) => state !== "applied").map(({ name }) => name);
  return [...(outcome.stillFailing ?? []), ...now];
}
