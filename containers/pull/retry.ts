/** Trying again: how often, and how long to wait in between (contracts §10.3). */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../base/result.ts";

export const ATTEMPTS = 5;
const FIRST_MS = 1000;
const MOST_MS = 30_000;
const JITTER_MS = [2000, 6000] as const;

/** Nothing changes by asking again. */
const final: ReadonlySet<unknown> = new Set(["invalid-reference", "no-platform", "malformed", "registry-refused"]);

/** What to wait after attempt `number`, the first being 1; `random` is between 0 and 1. */
export function delayAfter(number: number, random: number): number {
  const [least, most] = JITTER_MS;
  return Math.min(FIRST_MS * 2 ** (number - 1), MOST_MS) + least + (most - least) * random;
}

export type RetryOptions = {
  readonly signal: AbortSignal;
  readonly onFailure: (attempt: number, why: string, waitMs: number) => void;
  readonly wait?: (ms: number) => Promise<unknown>;
};

/** Does `work` until it succeeds, at most `ATTEMPTS` times. Throws the last fault. */
export async function withRetries<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal } = options;
  const wait = options.wait ?? ((ms: number) => sleep(ms, undefined, { signal }));
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof Fault) || signal.aborted || attempt === ATTEMPTS || final.has(thrown.code)) throw thrown;
      const ms = delayAfter(attempt, Math.random());
      options.onFailure(attempt, thrown.message, ms);
      await wait(ms);
    }
  }
}
