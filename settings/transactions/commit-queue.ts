/**
 * Group commit: what clients commit at the same time is written with one flush, each commit being a generation of its
 * own. A commit is answered only when it is durable; one that is refused leaves the others of its batch alone.
 */
import { Fault } from "../../base/result.ts";
import { SettingsFault, type SettingsFaultCode, type SettingsResult } from "../fault.ts";
import type { Batch } from "../store/batch.ts";
import type { Store } from "../store/store.ts";

/**
 * Decides on top of all earlier jobs of the batch, and adds to it only when it is not going to refuse. What it gives to
 * `after` is called once the batch is durable, before anything else can happen.
 */
export type CommitJob<T, Code extends SettingsFaultCode> = (
  batch: Batch,
  after: (work: () => void) => void,
) => SettingsResult<T, Code>;

/** Bounds how long one flush holds everybody up, and what one write-ahead log entry takes. */
const MAX_BATCH = 256;

type Waiting = {
  /** Runs the job; returns what tells its caller, once the batch is written or (with a fault) is not. */
  readonly decide: (batch: Batch) => (failure?: Fault) => void;
  readonly reject: (thrown: unknown) => void;
};

export class CommitQueue {
  readonly #store: Store;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(store: Store) {
    this.#store = store;
  }

  submit<T, Code extends SettingsFaultCode>(
    job: CommitJob<T, Code>,
  ): Promise<SettingsResult<T, Code | "store-failed">> {
    const { promise, resolve, reject } = Promise.withResolvers<SettingsResult<T, Code | "store-failed">>();
    const decide: Waiting["decide"] = (batch) => {
      const afterwards: (() => void)[] = [];
      const outcome = job(batch, (work) => void afterwards.push(work));
      return (failure) => {
        if (failure === undefined) for (const work of afterwards) work();
        if (failure === undefined || !outcome.ok) return resolve(outcome);
        return resolve({ ok: false, fault: new SettingsFault("store-failed", failure.message, [], failure) });
      };
    };
    this.#waiting.push({ decide, reject });
    this.#schedule();
    return promise;
  }

  /** Writes what waits, now: for closing. */
  flush(): void {
    while (this.#waiting.length > 0) this.#writeBatch();
  }

  /** Whatever else this turn of the event loop brings joins the batch. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#writeBatch();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #writeBatch(): void {
    const jobs = this.#waiting.splice(0, MAX_BATCH);
    const batch = this.#store.begin();
    const settle: ((failure?: Fault) => void)[] = [];
    for (const { decide, reject } of jobs) {
      try {
        settle.push(decide(batch));
      } catch (thrown) {
        reject(thrown);
      }
    }
    let failure: Fault | undefined;
    try {
      if (batch.generations.length > 0 || batch.notes.size > 0) this.#store.write(batch);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      failure = thrown;
    }
    for (const tell of settle) tell(failure);
  }
}
