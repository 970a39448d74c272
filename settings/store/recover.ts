/**
 * A damaged store: it is kept aside for whoever wants to look, and a new one is made of the last good settings, so that
 * the machine comes up and its API can be reached. Which settings those are is said in the log and in the history.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import type { Backup } from "./backup.ts";
import { companions } from "./files.ts";
import type { Store } from "./store.ts";

/** Damaged stores that are kept: the first tells how it began, more of them only fill the file system. */
export const DAMAGED_KEPT = 3;
/** Generations after a damaged store begin at the next multiple: no number that was given out comes again. */
const SKIP = 1000;

const mark = ".damaged-";
const ends = ["", ...companions];

/** Moves the files of a store out of the way, all or (after a power cut) some; what is left is moved the next time. */
export async function keepAside(path: string, at: Date, log: Log): Promise<string> {
  const folder = dirname(path);
  const name = `${basename(path)}${mark}${at.toISOString().replace(/[-:.]/g, "")}`;
  const names = await readdir(folder);
  // The log first: SQLite would play one that lost its store into the new store of that name.
  for (const end of ends.toReversed()) {
    if (names.includes(`${basename(path)}${end}`)) await rename(`${path}${end}`, join(folder, `${name}${end}`));
  }
  await syncFolder(folder);
  await dropOldest(folder, log);
  return join(folder, name);
}

async function dropOldest(folder: string, log: Log): Promise<void> {
  const kept = (await readdir(folder))
    .filter((name) => name.includes(mark) && !/-(?:wal|shm)$/.test(name))
    .sort(byTime);
  for (const name of kept.slice(0, -DAMAGED_KEPT)) {
    for (const end of ends) await rm(join(folder, `${name}${end}`), { force: true });
    log.info("An old damaged settings store is dropped", { name });
  }
}

function byTime(a: string, b: string): number {
  const [left, right] = [a.slice(a.indexOf(mark)), b.slice(b.indexOf(mark))];
  return left < right ? -1 : 1;
}

export type Recovery = { readonly damaged: string; readonly reason: string; readonly backup: Backup | undefined };

/** Makes the first generation of a new store after a damaged one; defaults are filled in by whoever opens it. */
export function refill(store: Store, { damaged, reason, backup }: Recovery, at: Date): void {
  const batch = store.begin();
  const from = backup === undefined ? "there is no backup: defaults" : `settings of generation ${backup.generation}`;
  const where = damaged === "" ? "" : ` and is kept as ${basename(damaged)}`;
  const message = `the store was damaged (${reason})${where}; ${from}`;
  const last = Math.max(backup?.generation ?? 0, store.generation);
  const notes = new Map<string, string>();
  if (backup !== undefined) notes.set("outcome-numbers", String(nextRange(backup.outcomeNumbers)));
  const commit = { edits: backup?.values ?? new Map(), author: { source: "settings-store", message }, at, notes };
  batch.add(commit, nextRange(last));
  store.write(batch);
}

function nextRange(number: number): number {
  return (Math.floor(number / SKIP) + 1) * SKIP;
}
