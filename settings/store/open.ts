/**
 * Opening the store of this OS version: its own file if there is one, else a new one, filled from the best there is: the
 * backup of a store that was damaged, another version's settings brought to this one, or nothing. A new file is complete
 * before it gets its name. A damaged file is kept aside, and said, never silently replaced.
 */
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { Fault, reason } from "../../base/result.ts";
import { CONFIRM_NOTE } from "../confirm/confirmation.ts";
import { takeBack, waitingIn } from "../confirm/keeper.ts";
import { bringAgain } from "../migrations/again.ts";
import { bringForward } from "../migrations/bring.ts";
import { noteHandBack } from "../migrations/hand-back.ts";
import { type Migration, migrations as allMigrations } from "../migrations/migration.ts";
import { originOfStore } from "../migrations/origin.ts";
import { pruneStores } from "../migrations/prune.ts";
import { findHandBack, replayCommit } from "../migrations/replay.ts";
import { findBackup } from "./backup.ts";
import { companions } from "./files.ts";
import { keepAside, refill } from "./recover.ts";
import { Store } from "./store.ts";

export type OpenStoreOptions = {
  readonly path: string;
  readonly version: string;
  readonly log: Log;
  readonly now: () => Date;
  readonly migrations?: readonly Migration[];
};

const temporaryMark = ".tmp-";

/** What happened to the store that was there. */
type Damage = { readonly keptAs: string; readonly reason: string };

/** Throws `Fault` with `store-failed`; its message names the file. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { path, log } = options;
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = await readdir(folder);
    for (const name of names.filter((each) => each.startsWith(temporaryMark))) await rm(join(folder, name));
    if (!names.includes(basename(path))) {
      await setLogAside(path, names);
      await make(options, undefined);
    }
    const opened = tryOpen(path);
    if (opened instanceof Store) return await connect(opened, options);
    const keptAs = await keepAside(path, options.now(), log);
    log.error("The settings store is damaged and kept aside", { reason: opened.message, keptAs });
    await make(options, { keptAs, reason: opened.message });
    return await connect(new Store(path), options);
  } catch (thrown) {
    if (thrown instanceof Fault || !isSystemError(thrown)) throw thrown;
    const message = `Cannot make the settings store "${path}": ${reason(thrown)}`;
    throw new Fault("store-failed", message, { path }, thrown);
  }
}

/** A sound store of this version, brought up to date with the other versions that were used since. */
async function connect(found: Store, options: OpenStoreOptions): Promise<Store> {
  const { path, version, log, now, migrations = allMigrations } = options;
  const folder = dirname(path);
  const temporary = temporaryOf(path);
  const bring = { folder, version, temporary, migrations, log, now };
  let store = found;
  const from = await bringAgain(store, bring);
  if (from !== undefined) {
    store.close();
    await place(temporary, path);
    store = new Store(path);
    log.info("Settings are brought once more from a version that was used meanwhile", { from, to: version });
  }
  const handedBack = await findHandBack({ folder, version, generation: store.generation, temporary, log });
  const commit = handedBack === undefined ? undefined : replayCommit(handedBack, log, now());
  if (handedBack !== undefined && commit !== undefined) {
    const batch = store.begin();
    // What waited to be confirmed when the version changed was taken back there, and those changes came after.
    const waiting = waitingIn(store.notes.get(CONFIRM_NOTE), log);
    if (waiting !== undefined) batch.add(takeBack(waiting, "the version changed before it was confirmed", now()));
    batch.add(commit, Math.max(store.generation, handedBack.generation) + 1);
    store.write(batch);
    log.info("Changes made under another version are made again", { from: handedBack.from, to: version });
  }
  const origin = originOfStore(store.notes);
  if (origin !== undefined && Bun.semver.order(origin.version, version) < 0) {
    store.completing = (batch) => noteHandBack(batch, { live: store.live, origin, version, migrations });
  }
  await pruneStores(folder, [version, ...(origin === undefined ? [] : [origin.version])], log);
  return store;
}

/** The store, or the fault that says how it is damaged; others are thrown. */
function tryOpen(path: string): Store | Fault {
  try {
    return new Store(path);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === "store-corrupt") return thrown;
    throw thrown;
  }
}

/** Makes `options.path`; other versions' files stay byte for byte as they were. */
async function make(options: OpenStoreOptions, damage: Damage | undefined): Promise<void> {
  const temporary = temporaryOf(options.path);
  try {
    await fill(temporary, options, damage);
    await place(temporary, options.path);
  } finally {
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
  }
}

function temporaryOf(path: string): string {
  return join(dirname(path), `${temporaryMark}${basename(path)}`);
}

/** Gives a closed store its name; one that has the name is replaced, its log being empty. */
async function place(temporary: string, path: string): Promise<void> {
  await syncFile(temporary);
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function fill(temporary: string, options: OpenStoreOptions, damage: Damage | undefined): Promise<void> {
  const { path, version, log, now } = options;
  // A backup whose store is not there: its store was damaged, and power failed before there was a new one.
  const backup = await findBackup(path);
  if (backup === undefined) {
    const migrations = options.migrations ?? allMigrations;
    const from = await bringForward({ folder: dirname(path), version, temporary, migrations, log, now });
    if (from !== undefined) {
      log.info("Settings are brought from another version", { from, to: version });
      if (damage !== undefined) addNotice(temporary, damage, now());
      return;
    }
  }
  await (await open(temporary, "wx", 0o600)).close();
  using store = new Store(temporary, { create: true });
  if (damage === undefined && backup === undefined) {
    log.info("A settings store is made", { path });
    return;
  }
  const { keptAs, reason: why } = damage ?? { keptAs: "", reason: "it is gone" };
  refill(store, { damaged: keptAs, reason: why, backup }, now());
  const lost = backup === undefined ? "there is no backup: defaults" : "a backup may lack what was set last";
  log.error("A settings store is made in place of a damaged one", { path, from: backup?.generation, lost });
}

function addNotice(path: string, { keptAs, reason: why }: Damage, at: Date): void {
  using store = new Store(path);
  refill(store, { damaged: keptAs, reason: why, backup: undefined }, at);
}

/** SQLite would play a log file that lost its store into the new one of that name. */
async function setLogAside(path: string, names: readonly string[]): Promise<void> {
  const log = `${path}-wal`;
  if (names.includes(basename(log))) await rename(log, `${log}.kept`);
}

function isSystemError(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string";
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
