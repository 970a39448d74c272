/**
 * Applying on request, in the background, with every failure in the log, so that nobody has to wait to make it visible.
 * The engine runs one apply at a time and merges what is asked for meanwhile.
 */
import type { Log } from "../../base/log.ts";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import type { Engine } from "../../settings/engine.ts";
import { logOutcome } from "./log-outcome.ts";

export type Applied = Result<ApplyOutcome, "apply-failed">;

export class ApplyQueue implements Disposable {
  readonly #engine: Engine;
  readonly #unsubscribe: () => void;

  constructor(engine: Engine, log: Log) {
    this.#engine = engine;
    this.#unsubscribe = engine.subscribe((event) => {
      if (event.kind === "apply") logOutcome(event.outcome, log);
    });
  }

  /** Whether anything is being applied or waits for it. */
  get busy(): boolean {
    return this.#engine.applying();
  }

  /** Applies `keys` soon. The promise may be dropped: it never rejects, and what it tells is logged as well. */
  async request(keys: readonly string[] | "all"): Promise<Applied> {
    try {
      return ok(await this.#engine.requestApply(keys).done);
    } catch (thrown) {
      return fail(Fault.from("apply-failed", "Cannot apply settings", thrown)); // the engine has logged it
    }
  }

  /** Resolves when nothing is left to apply. */
  idle(): Promise<void> {
    return this.#engine.idle();
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }
}
