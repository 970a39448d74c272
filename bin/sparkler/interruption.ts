/** Ctrl-C, and being told to end, as an abort signal, so that work can take back what it has begun. */
import { constants } from "node:os";
import { Fault } from "../../base/result.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Ending = (typeof signals)[number];

export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  #by: Ending | undefined;
  #watching = false;

  /** From now on, and until disposed, signals abort what this returns and do nothing else. */
  watch(): AbortSignal {
    if (!this.#watching) for (const name of signals) process.on(name, this.#receive);
    this.#watching = true;
    return this.#controller.signal;
  }

  /** The exit status of a program that a signal ended, once one has come. */
  get status(): number | undefined {
    return this.#by === undefined ? undefined : 128 + constants.signals[this.#by];
  }

  [Symbol.dispose](): void {
    for (const name of signals) process.removeListener(name, this.#receive);
  }

  readonly #receive = (name: Ending): void => {
    this.#by ??= name;
    this.#controller.abort(new Fault("interrupted", "Interrupted"));
  };
}
