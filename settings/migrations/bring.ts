/**
 * Bringing another version's settings into a new store file: a copy of its store, brought forward (or, where only newer
 * ones are there, backward) by migrations. That store stays byte for byte as it was, for going back to its version.
 */
import { copyFile, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import { CONFIRM_NOTE } from "../confirm/confirmation.ts";
import { takeBack, waitingIn } from "../confirm/keeper.ts";
import { type Backup, findBackup } from "../store/backup.ts";
import type { Edit } from "../store/batch.ts";
import { companions, storeFileName, versionsIn } from "../store/files.ts";
import { originOf } from "../store/generation.ts";
import { Store } from "../store/store.ts";
import { editsBetween } from "../history/difference.ts";
import type { State } from "../history/state.ts";
import { carry } from "./carry.ts";
import { chooseOrigin, type Migration, planMigration } from "./migration.ts";
import { noHandBack } from "./hand-back.ts";
import { originNote } from "./origin.ts";

export type BringOptions = {
  readonly folder: string;
  readonly version: string;
  /** The file to make. */
  readonly temporary: string;
  readonly migrations: readonly Migration[];
  readonly log: Log;
  readonly now: () => Date;
};

/** The version whose settings were brought, or undefined when there is none that can be read. */
export async function bringForward(options: BringOptions): Promise<string | undefined> {
  const { folder, version, temporary, log } = options;
  const names = await readdir(folder);
  const others = new Set(versionsIn(names).filter((each) => each !== version));
  for (let from = chooseOrigin([...others], version); from !== undefined; from = chooseOrigin([...others], version)) {
    const origin = join(folder, storeFileName(from));
    try {
      await bringFrom(from, options);
      return from;
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      log.error("The settings of another version cannot be brought to this one", { from, reason: thrown.message });
      for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
      const backup = await findBackup(origin);
      if (backup !== undefined && (await bringBackup(backup, from, options))) return from;
      others.delete(from);
    }
  }
  return undefined;
}

/** The same from one version, which has a store. Throws `Fault` when that cannot be read. */
export async function bringFrom(from: string, options: BringOptions): Promise<void> {
  const { folder, temporary } = options;
  await copyStore(join(folder, storeFileName(from)), temporary, await readdir(folder));
  using store = new Store(temporary);
  await migrate(store, from, options);
}

/** A store that was not closed has commits in its log file: both are copied. */
export async function copyStore(origin: string, target: string, names: readonly string[]): Promise<void> {
  await copyFile(origin, target);
  const log = `${storeNameOf(origin)}-wal`;
  if (names.includes(log)) await copyFile(`${origin}-wal`, `${target}-wal`);
}

async function migrate(store: Store, from: string, options: BringOptions): Promise<void> {
  const { version, migrations, log, now } = options;
  const found = store.generation;
  const waiting = waitingIn(store.notes.get(CONFIRM_NOTE), log);
  const batch = store.begin();
  if (waiting !== undefined) batch.add(takeBack(waiting, "the version changed before it was confirmed", now()));
  const before = new Map<string, Edit>();
  for (const name of new Set([...store.live.keys(), ...batch.touched.keys()])) {
    const live = batch.get(name);
    if (live !== undefined) before.set(name, { value: live.value, origin: originOf(live.source) });
  }
  const after = carry(before, planMigration(from, version, migrations));
  const edits = editsBetween(before, after);
  const message = `brought from version ${from} to ${version}`;
  // Without a change there is no generation, so that numbers go on as they were.
  if (edits.size > 0) batch.add({ edits, author: { source: "migration", message }, at: now() });
  const origin = await originNote({ folder: options.folder, version: from, generation: found, values: after });
  for (const [key, text] of [...origin, ...noHandBack]) batch.notes.set(key, text);
  store.write(batch);
}

/** Fills a new store from the backup of a version whose store is damaged. */
async function bringBackup(backup: Backup, from: string, options: BringOptions): Promise<boolean> {
  const { temporary, version, migrations, log, now } = options;
  await (await open(temporary, "wx", 0o600)).close();
  try {
    using store = new Store(temporary, { create: true });
    const values: State = carry(backup.values, planMigration(from, version, migrations));
    const message = `brought from a backup of version ${from}, generation ${backup.generation}, to ${version}`;
    const batch = store.begin();
    batch.add({ edits: values, author: { source: "migration", message }, at: now() }, backup.generation + 1);
    store.write(batch);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    log.error("The backup of another version cannot be brought to this one", { from, reason: thrown.message });
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
    return false;
  }
}

function storeNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
