/**
 * Outcomes by number. Numbers are given at once and never twice, also after a crash: they come from a range that the
 * store has set aside before the first of them is given out. A number whose apply must not be forgotten stands as
 * a note in the store, written with the commit that asked for it, until an outcome answers for it.
 */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { Notes } from "../store/batch.ts";
import type { Store } from "../store/store.ts";
import type { ApplyOutcome } from "./outcome.ts";
import { readOutcome } from "./read-outcome.ts";

const CEILING_NOTE = "outcome-numbers";
/** Numbers set aside with one write: what a restart may skip, against how often asking for one has to be durable. */
const RANGE = 64;
const WANTED_PREFIX = "apply:";

/** What was asked for in a commit and is not answered for yet. */
export type Wanted = { readonly number: number; readonly bootId: string; readonly keys: readonly string[] };

export class OutcomeLog {
  readonly #store: Store;
  readonly #log: Log;
  #next: number;
  #ceiling: number;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
    const given = Number(store.notes.get(CEILING_NOTE) ?? 0);
    const recorded = store.outcomes()[0]?.number ?? 0;
    this.#ceiling = Math.max(Number.isSafeInteger(given) ? given : 0, recorded);
    this.#next = this.#ceiling + 1;
  }

  /** A number that nobody had. A store that cannot be written does not keep settings from being applied. */
  take(): number {
    if (this.#next > this.#ceiling) {
      const ceiling = this.#next + RANGE - 1;
      try {
        this.#store.writeNotes(new Map([[CEILING_NOTE, String(ceiling)]]));
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        this.#log.error("Numbers of outcomes are not set aside and may come again", { reason: thrown.message });
      }
      this.#ceiling = ceiling;
    }
    return this.#next++;
  }

  /** Up to here numbers may have been given out. */
  get given(): number {
    return this.#ceiling;
  }

  /** Whether a number was given out, by this program or before it. */
  wasGiven(number: number): boolean {
    return Number.isSafeInteger(number) && number > 0 && number < this.#next;
  }

  /** Keeps an outcome, and forgets what it answers for. A failure is logged: the outcome itself stands. */
  record(outcome: ApplyOutcome): void {
    const answered = [...this.#store.notes.keys()].filter((key) => {
      const number = Number(key.slice(WANTED_PREFIX.length));
      return key.startsWith(WANTED_PREFIX) && number <= outcome.number;
    });
    try {
      const row = { number: outcome.number, outcome: JSON.stringify(outcome) };
      this.#store.recordOutcome(row, new Map(answered.map((key) => [key, undefined])));
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      this.#log.error("The outcome of an apply is not recorded", { reason: thrown.message });
    }
  }

  /** Those kept, newest first, or those from `number` on. What cannot be read is left out and said. */
  outcomes(from = 0): ApplyOutcome[] {
    return this.#store.outcomes(from).flatMap(({ number, outcome }) => {
      const read = readOutcome(outcome);
      if (read === undefined) this.#log.warn("The recorded outcome of an apply cannot be read", { number });
      return read ?? [];
    });
  }

  /** What a program before this one was asked for and did not get to. */
  wanted(): Wanted[] {
    return [...this.#store.notes].flatMap(([key, text]) => {
      if (!key.startsWith(WANTED_PREFIX)) return [];
      const [bootId = "", ...keys] = text.split("\n");
      return [{ number: Number(key.slice(WANTED_PREFIX.length)), bootId, keys }];
    });
  }
}

/** To be written with a commit that is to be applied. Names hold no line breaks. */
export function wantedNote({ number, bootId, keys }: Wanted): Notes {
  return new Map([[`${WANTED_PREFIX}${number}`, [bootId, ...keys].join("\n")]]);
}
