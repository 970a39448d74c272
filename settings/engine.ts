/**
 * The settings engine: one object that owns the store of this OS version, serves live settings from memory, stages and
 * commits transactions, and applies them to files and services. The API server and the boot programs stand on it.
 * One process at a time may hold a store open. Contracts sections 1.1, 2, 5.3 and 7.
 */
import { OutcomeLog, wantedNote } from "./apply/outcome-log.ts";
import { buildEngine } from "./build-engine.ts";
import { type BootClock, systemBootClock } from "./confirm/boot-clock.ts";
import { CONFIRM_NOTE } from "./confirm/confirmation.ts";
import { overdue, takeBack, waitingIn } from "./confirm/keeper.ts";
import type { Engine, EngineOptions } from "./operations.ts";
import { storeFileName } from "./store/files.ts";
import { planMending } from "./store/mend.ts";
import { openStore } from "./store/open.ts";
import type { Store } from "./store/store.ts";

export type * from "./operations.ts";
export type { SettingsFilter } from "./store/live.ts";

/** The store file of an OS version; the one owner of that name. */
export function storePath(folder: string, version: string): string {
  return `${folder}/${storeFileName(version)}`;
}

/**
 * Opens, makes, or brings forward the store; takes back what was not confirmed before the machine went down, mends what
 * the model refuses, and fills missing defaults. Throws `Fault` with `store-failed`.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const now = options.now ?? ((): Date => new Date());
  const clock = options.bootClock ?? systemBootClock();
  const store = await openStore({ path: options.storePath, version: options.version, log: options.log, now });
  try {
    settleConfirmation(store, { options, now, clock });
    mend(store, options, now);
    return buildEngine({ store, options, now, clock });
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}

type Circumstances = { readonly options: EngineOptions; readonly now: () => Date; readonly clock: BootClock };

/** Before anything is applied; what has been applied in this boot already is noted to be applied anew. */
function settleConfirmation(store: Store, { options, now, clock }: Circumstances): void {
  const noted = store.notes.get(CONFIRM_NOTE);
  const waiting = waitingIn(noted, options.log);
  if (waiting === undefined) {
    if (noted !== undefined) store.writeNotes(new Map([[CONFIRM_NOTE, undefined]]));
    return;
  }
  const reason = overdue(waiting, clock);
  if (reason === undefined) return;
  const { bootId } = clock;
  const number = waiting.bootId === bootId ? new OutcomeLog(store, options.log).take() : undefined;
  const batch = store.begin();
  const made = batch.add(takeBack(waiting, reason, now()));
  const wanted = number === undefined ? [] : wantedNote({ number, bootId, keys: [...waiting.undo.keys()] });
  for (const [key, text] of wanted) batch.notes.set(key, text);
  store.write(batch);
  options.log.warn("Settings that were not confirmed are taken back", {
    generation: waiting.generation,
    base: waiting.base,
    by: made.number,
    reason,
  });
}

function mend(store: Store, { log, version }: EngineOptions, now: () => Date): void {
  const { edits, problems } = planMending(store.live);
  for (const problem of problems) log.error("A stored setting is not valid and is taken out", { ...problem });
  if (edits.size === 0) return;
  const message = problems.length === 0 ? "missing defaults" : "missing defaults, and values that are not valid";
  const batch = store.begin();
  batch.add({ edits, author: { source: "settings-store", message: `${message}, version ${version}` }, at: now() });
  store.write(batch);
}
