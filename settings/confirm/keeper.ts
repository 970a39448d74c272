/**
 * Keeps a generation that waits to be confirmed to its time, and takes it back when that is over or the machine has
 * booted anew meanwhile. While one waits, other commits are refused, so that there is one thing to confirm or take back.
 */
import type { Log } from "../../base/log.ts";
import { refuse, type SettingsResult } from "../fault.ts";
import type { Batch, Commit, Notes } from "../store/batch.ts";
import type { Generation } from "../store/generation.ts";
import type { BootClock } from "./boot-clock.ts";
import {
  type Confirmation,
  CONFIRM_NOTE,
  MAX_CONFIRM_MS,
  MIN_CONFIRM_MS,
  readConfirmation,
  undoOf,
  writeConfirmation,
} from "./confirmation.ts";

/** What waits, as it is shown. */
export type Unconfirmed = {
  readonly generation: number;
  /** The generation whose settings come back. */
  readonly base: number;
  readonly leftMs: number;
};

export type TakeBack = { readonly commit: Commit; readonly confirmation: Confirmation; readonly reason: string };

/** Why what waits has to go now, or undefined while it still has time. */
export function overdue({ bootId, deadlineMs }: Confirmation, clock: BootClock): string | undefined {
  if (bootId !== clock.bootId) return "the machine was restarted before it was confirmed";
  return clock.nowMs() >= deadlineMs ? "it was not confirmed in time" : undefined;
}

/** The commit that takes it back. */
export function takeBack(confirmation: Confirmation, reason: string, at: Date): Commit {
  const { generation, base, undo } = confirmation;
  const message = `generation ${generation} is taken back to ${base}: ${reason}`;
  return { edits: undo, author: { source: "confirm", message }, at, notes: new Map([[CONFIRM_NOTE, undefined]]) };
}

/** What waits in a store, or in a batch on top of it. A text that cannot be read is said and does not hold anything up. */
export function waitingIn(noted: string | undefined, log: Log): Confirmation | undefined {
  if (noted === undefined) return undefined;
  const confirmation = readConfirmation(noted);
  if (confirmation === undefined) log.error("What waits to be confirmed cannot be read and is forgotten");
  return confirmation;
}

export function confirmLimit(confirmMs: number): SettingsResult<void, "invalid-settings"> {
  if (confirmMs >= MIN_CONFIRM_MS && confirmMs <= MAX_CONFIRM_MS) return { ok: true, value: undefined };
  const wanted = `${MIN_CONFIRM_MS / 1000} to ${MAX_CONFIRM_MS / 1000} s`;
  return refuse("invalid-settings", `Cannot wait ${confirmMs / 1000} s to be confirmed: wanted ${wanted}`);
}

/** The note that makes `made` wait; `made` is in no store yet. */
export function confirmNote(made: Generation, base: number, confirmMs: number, clock: BootClock): Notes {
  const deadlineMs = clock.nowMs() + confirmMs;
  const { number: generation } = made;
  const text = writeConfirmation({ generation, base, bootId: clock.bootId, deadlineMs, undo: undoOf(made) });
  return new Map([[CONFIRM_NOTE, text]]);
}

export type KeeperPorts = {
  readonly clock: BootClock;
  readonly log: Log;
  readonly note: () => string | undefined;
  /** Called when the time of `confirmation` is over. */
  readonly overdue: (confirmation: Confirmation, reason: string) => void;
};

/** The timer. It is armed from what the store holds, so that a restart of the program changes nothing. */
export class ConfirmKeeper implements Disposable {
  readonly #ports: KeeperPorts;
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
  }

  waiting(): Confirmation | undefined {
    return waitingIn(this.#ports.note(), this.#ports.log);
  }

  shown(): Unconfirmed | undefined {
    const found = this.waiting();
    if (found === undefined) return undefined;
    const { generation, base, deadlineMs } = found;
    return { generation, base, leftMs: Math.max(0, deadlineMs - this.#ports.clock.nowMs()) };
  }

  /** To be called whenever the note may have changed. */
  arm(): void {
    clearTimeout(this.#timer);
    const found = this.waiting();
    if (found === undefined) return;
    const leftMs = Math.max(0, found.deadlineMs - this.#ports.clock.nowMs());
    this.#timer = setTimeout(() => this.#look(), leftMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  /** Timers do not count the time that a machine sleeps, and may be early by a little: the clock decides. */
  #look(): void {
    const found = this.waiting();
    if (found === undefined) return;
    const reason = overdue(found, this.#ports.clock);
    if (reason === undefined) this.arm();
    else this.#ports.overdue(found, reason);
  }
}

/** Refuses while something waits, by the store or by an earlier commit of the same batch. */
export function refuseWhileWaiting(batch: Batch, log: Log): SettingsResult<void, "unconfirmed"> {
  const found = waitingIn(batch.note(CONFIRM_NOTE), log);
  if (found === undefined) return { ok: true, value: undefined };
  const how = `confirm it, or restore generation ${found.base}, first`;
  return refuse("unconfirmed", `Cannot commit: generation ${found.generation} waits to be confirmed; ${how}`);
}
