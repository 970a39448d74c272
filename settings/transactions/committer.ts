/**
 * Committing: what is staged, or an earlier generation, becomes the next generation, unless it is not what was reviewed,
 * something waits to be confirmed, or the whole would outgrow its limits. All is decided inside the batch that writes it.
 */
import type { Log } from "../../base/log.ts";
import type { Applier } from "../apply/applier.ts";
import { type OutcomeLog, wantedNote } from "../apply/outcome-log.ts";
import type { BootClock } from "../confirm/boot-clock.ts";
import { CONFIRM_NOTE } from "../confirm/confirmation.ts";
import { confirmLimit, confirmNote, refuseWhileWaiting, waitingIn } from "../confirm/keeper.ts";
import type { Events } from "../events.ts";
import { refuse, type SettingsFaultCode, type SettingsResult } from "../fault.ts";
import type { CommitFault, CommitOptions, Committed } from "../operations.ts";
import { planHash } from "../plan/hash.ts";
import type { Batch, Edits } from "../store/batch.ts";
import type { CommitAuthor } from "../store/generation.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { outgrows } from "./limits.ts";

/** Characters of a message that are kept. */
const MAX_MESSAGE = 1000;

export type CommitterPorts = {
  readonly queue: CommitQueue;
  readonly applier: Applier;
  readonly outcomes: OutcomeLog;
  readonly events: Events;
  readonly clock: BootClock;
  readonly log: Log;
  readonly now: () => Date;
  /** Called after each commit that may have changed what waits to be confirmed. */
  readonly rearm: () => void;
};

export type Wish<Code extends SettingsFaultCode> = {
  readonly who: CommitAuthor;
  readonly options: CommitOptions;
  /** What to write, on top of what the batch holds already. */
  readonly edits: (batch: Batch) => SettingsResult<Edits, Code>;
  /** Restoring this generation ends the waiting when it is the one that would come back. */
  readonly restores?: number;
};

export class Committer {
  readonly #ports: CommitterPorts;

  constructor(ports: CommitterPorts) {
    this.#ports = ports;
  }

  commit<Code extends SettingsFaultCode>(wish: Wish<Code>): Promise<SettingsResult<Committed, Code | CommitFault>> {
    const { confirmMs } = wish.options;
    const limit = confirmMs === undefined ? undefined : confirmLimit(confirmMs);
    if (limit?.ok === false) return Promise.resolve(limit);
    return this.#ports.queue.submit((batch, after) => this.#add(wish, batch, after));
  }

  /** Ends the waiting of `generation`, or of whatever waits. */
  confirm(generation?: number): Promise<SettingsResult<number, "nothing-unconfirmed" | "store-failed">> {
    const { queue, events, log, rearm } = this.#ports;
    return queue.submit((batch, after) => {
      const found = waitingIn(batch.note(CONFIRM_NOTE), log);
      if (found === undefined || (generation !== undefined && generation !== found.generation)) {
        const which = found === undefined ? "nothing waits for it" : `generation ${found.generation} is what waits`;
        return refuse("nothing-unconfirmed", `Cannot confirm ${generation ?? "settings"}: ${which}`);
      }
      batch.notes.set(CONFIRM_NOTE, undefined);
      after(() => {
        rearm();
        events.emit({ kind: "confirm", generation: found.generation });
      });
      return { ok: true, value: found.generation };
    });
  }

  #add<Code extends SettingsFaultCode>(
    { who, options, edits: wanted, restores }: Wish<Code>,
    batch: Batch,
    after: (work: () => void) => void,
  ): SettingsResult<Committed, Code | CommitFault> {
    const { outcomes, applier, clock, log, now, rearm } = this.#ports;
    const waiting = waitingIn(batch.note(CONFIRM_NOTE), log);
    const takesBack = waiting !== undefined && waiting.base === restores;
    const free = takesBack ? undefined : refuseWhileWaiting(batch, log);
    if (free?.ok === false) return free;
    const edits = wanted(batch);
    if (!edits.ok) return edits;
    if (options.expect !== undefined && options.expect !== planHash(batch.generation, edits.value)) {
      return refuse("plan-changed", "Cannot commit: it is no longer what was planned; plan again");
    }
    const problem = outgrows(batch, edits.value);
    if (problem !== undefined) return refuse("invalid-settings", "Cannot commit", [problem]);

    const base = batch.generation;
    const made = batch.add({ edits: edits.value, author: kept(who), at: now() });
    if (takesBack) batch.notes.set(CONFIRM_NOTE, undefined);
    const { confirmMs } = options;
    if (confirmMs !== undefined) {
      for (const [key, text] of confirmNote(made, base, confirmMs, clock)) batch.notes.set(key, text);
    }
    const keys = [...edits.value.keys()].sort();
    const number = options.apply === true ? outcomes.take() : undefined;
    if (number !== undefined) {
      for (const [key, text] of wantedNote({ number, bootId: clock.bootId, keys })) batch.notes.set(key, text);
    }
    after(() => {
      const { number: generation, at, author } = made;
      const wait = confirmMs === undefined ? {} : { confirmMs };
      this.#ports.events.emit({ kind: "commit", generation, at, author, keys, ...wait });
      if (takesBack || confirmMs !== undefined) rearm();
      if (number !== undefined) applier.request(keys, number);
    });
    return { ok: true, value: { generation: made.number, keys, ...(number === undefined ? {} : { outcome: number }) } };
  }
}

function kept(who: CommitAuthor): CommitAuthor {
  return who.message === undefined ? who : { ...who, message: who.message.slice(0, MAX_MESSAGE) };
}
