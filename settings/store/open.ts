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
import { bringForward } from "../migrations/bring.ts";
import { type Migration, migrations as allMigrations } from "../migrations/migration.ts";
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
    if (opened instanceof Store) return opened;
    const keptAs = await keepAside(path, options.now(), log);
    log.error("The settings store is damaged and kept aside", { reason: opened.message, keptAs });
    await make(options, { keptAs, reason: opened.message });
    return new Store(path);
  } catch (thrown) {
    if (thrown instanceof Fault || !isSystemError(thrown)) throw thrown;
    const message = `Cannot make the settings store "${path}": ${reason(thrown)}`;
    throw new Fault("store-failed", message, { path }, thrown);
  }
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
  const folder = dirname(options.path);
  const temporary = join(folder, `${temporaryMark}${basename(options.path)}`);
  try {
    await fill(temporary, options, damage);
    await syncFile(temporary);
    await rename(temporary, options.path);
    await syncFolder(folder);
  } finally {
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
  }
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
