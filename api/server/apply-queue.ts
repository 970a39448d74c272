/**
 * Applies settings one run at a time, in the background. What is asked for while a run is under way is merged into
 * one run after it. Every failure goes to the log here, so that nobody has to wait to make it visible.
 */
import { setImmediate } from "node:timers/promises";
import type { Log } from "../../base/log.ts";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import type { Engine } from "../../settings/engine.ts";
import { logOutcome } from "./log-outcome.ts";

export type Applied = Result<ApplyOutcome, "apply-failed">;

type Batch = {
  keys: ReadonlySet<string> | "all";
  readonly done: Promise<Applied>;
  readonly finish: (applied: Applied) => void;
};

export class ApplyQueue {
  readonly #engine: Pick<Engine, "apply">;
  readonly #log: Log;
  #next: Batch | undefined;
  #worker: Promise<void> | undefined;

  constructor(engine: Pick<Engine, "apply">, log: Log) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Whether anything is being applied or waits for it. */
  get busy(): boolean {
    return this.#worker !== undefined;
  }

  /** Applies `keys` soon. The promise may be dropped: it never rejects, and what it tells is logged as well. */
  request(keys: readonly string[] | "all"): Promise<Applied> {
    const next = (this.#next ??= emptyBatch());
    next.keys = keys === "all" || next.keys === "all" ? "all" : new Set([...next.keys, ...keys]);
    this.#worker ??= this.#work();
    return next.done;
  }

  /** Resolves when nothing is left to apply. */
  async idle(): Promise<void> {
    while (this.#worker !== undefined) await this.#worker;
  }

  async #work(): Promise<void> {
    // The answer to whoever asked goes out first.
    await setImmediate();
    for (let batch = this.#next; batch !== undefined; batch = this.#next) {
      this.#next = undefined;
      batch.finish(await this.#apply(batch.keys === "all" ? "all" : [...batch.keys]));
    }
    this.#worker = undefined;
  }

  async #apply(keys: readonly string[] | "all"): Promise<Applied> {
    try {
      const outcome = await this.#engine.apply(keys);
      logOutcome(outcome, this.#log);
      return ok(outcome);
    } catch (thrown) {
      // The engine promises not to throw. The server goes on, so that the machine can still be mended through it.
      const fault = Fault.from("apply-failed", "Cannot apply settings", thrown);
      this.#log.error("Settings could not be applied", { keys, reason: fault.message });
      return fail(fault);
    }
  }
}

function emptyBatch(): Batch {
  const { promise, resolve } = Promise.withResolvers<Applied>();
  return { keys: new Set<string>(), done: promise, finish: resolve };
}
