/** Taking back what was not confirmed while the program runs: one commit, and an apply that is not forgotten. */
import type { Log } from "../../base/log.ts";
import type { Applier } from "../apply/applier.ts";
import { type OutcomeLog, wantedNote } from "../apply/outcome-log.ts";
import type { Events } from "../events.ts";
import type { CommitQueue } from "../transactions/commit-queue.ts";
import type { BootClock } from "./boot-clock.ts";
import { type Confirmation, CONFIRM_NOTE } from "./confirmation.ts";
import { takeBack, waitingIn } from "./keeper.ts";

/** How soon it is tried again when the store could not be written. */
const RETRY_MS = 5000;

export type ComeBackPorts = {
  readonly queue: CommitQueue;
  readonly outcomes: OutcomeLog;
  readonly applier: Applier;
  readonly events: Events;
  readonly clock: BootClock;
  readonly log: Log;
  readonly now: () => Date;
  readonly rearm: () => void;
};

export async function comeBack(confirmation: Confirmation, reason: string, ports: ComeBackPorts): Promise<void> {
  const { queue, outcomes, applier, events, clock, log, now, rearm } = ports;
  const { generation: reverted } = confirmation;
  const done = await queue.submit((batch, after) => {
    // Confirmed, or taken back by hand, in the meantime.
    if (waitingIn(batch.note(CONFIRM_NOTE), log)?.generation !== reverted) return { ok: true, value: undefined };
    const made = batch.add(takeBack(confirmation, reason, now()));
    const keys = [...confirmation.undo.keys()];
    const number = outcomes.take();
    for (const [key, text] of wantedNote({ number, bootId: clock.bootId, keys })) batch.notes.set(key, text);
    after(() => {
      log.warn("Settings that were not confirmed are taken back", { generation: reverted, by: made.number, reason });
      events.emit({ kind: "commit", generation: made.number, at: made.at, author: made.author, keys });
      events.emit({ kind: "revert", generation: made.number, reverted, reason });
      applier.request(keys, number);
    });
    return { ok: true, value: undefined };
  });
  if (done.ok) return;
  log.error("Settings could not be taken back and will be tried again", { reason: done.fault.message });
  setTimeout(rearm, RETRY_MS).unref();
}
