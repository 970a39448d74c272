/**
 * Opening the store of this OS version: its own file if there is one, else a migrated copy of another version's, else
 * a new one. A new file is complete before it gets its name. A file that cannot be trusted is refused and left as it is:
 * going on with defaults would lose what the operator had set.
 */
import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { Fault, reason } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";
import { chooseOrigin, isVersion, type Migration, migrations, planMigration } from "../migrations/migration.ts";
import type { Edit } from "./batch.ts";
import { Store } from "./store.ts";

export type OpenStoreOptions = {
  readonly path: string;
  readonly version: string;
  readonly log: Log;
  readonly now: () => Date;
  readonly migrations?: readonly Migration[];
};

const fileName = /^store-(?<version>[0-9A-Za-z.+-]+)\.sqlite$/;
const temporaryMark = ".tmp-";
/** SQLite's companions of a database file. */
const companions = ["-wal", "-shm"] as const;

/** Throws `Fault` with `store-corrupt` or `store-failed`; its message names the file. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const folder = dirname(options.path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = await readdir(folder);
    for (const name of names.filter((each) => each.startsWith(temporaryMark))) await rm(join(folder, name));
    if (!names.includes(basename(options.path))) {
      await setLogAside(options.path, names);
      await make(options, names);
    }
  } catch (thrown) {
    if (thrown instanceof Fault || !isSystemError(thrown)) throw thrown;
    const message = `Cannot make the settings store "${options.path}": ${reason(thrown)}`;
    throw new Fault("store-failed", message, { path: options.path }, thrown);
  }
  return new Store(options.path);
}

/**
 * Makes `options.path`, a migrated copy of the best other version's store where there is one; that file stays byte for
 * byte as it was.
 */
async function make(options: OpenStoreOptions, names: readonly string[]): Promise<void> {
  const folder = dirname(options.path);
  const versions = names.flatMap((name) => fileName.exec(name)?.groups?.["version"] ?? []).filter(isVersion);
  const from = chooseOrigin(versions, options.version);
  const temporary = join(folder, `${temporaryMark}${basename(options.path)}`);
  try {
    if (from === undefined) {
      await (await open(temporary, "wx", 0o600)).close();
      new Store(temporary, { create: true }).close();
    } else {
      await copyStore(join(folder, `store-${from}.sqlite`), temporary, names);
      using store = new Store(temporary);
      migrate(store, from, options);
    }
    await syncFile(temporary);
    await rename(temporary, options.path);
    await syncFolder(folder);
  } catch (thrown) {
    if (from === undefined || !(thrown instanceof Fault)) throw thrown;
    const message = `Cannot bring the settings of version ${from} to ${options.version}`;
    throw new Fault(thrown.code, `${message}: ${thrown.message}`, thrown.details, thrown);
  } finally {
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
  }
  if (from === undefined) options.log.info("A settings store is made", { path: options.path });
  else options.log.info("Settings are brought from another version", { from, to: options.version });
}

/** SQLite would play a log file that lost its store into the new one of that name. */
async function setLogAside(path: string, names: readonly string[]): Promise<void> {
  const log = `${path}-wal`;
  if (names.includes(basename(log))) await rename(log, `${log}.kept`);
}

/** A store that was not closed has commits in its log file: both are copied. */
async function copyStore(origin: string, target: string, names: readonly string[]): Promise<void> {
  await copyFile(origin, target);
  const log = `${origin}-wal`;
  if (names.includes(basename(log))) await copyFile(log, `${target}-wal`);
}

function migrate(store: Store, from: string, options: OpenStoreOptions): void {
  const steps = planMigration(from, options.version, options.migrations ?? migrations);
  const before = new Map([...store.live].map(([name, { value }]) => [name, value]));
  const after = steps.reduce<ReadonlyMap<string, SettingValue>>((values, step) => step(values), before);
  const edits = new Map<string, Edit | undefined>();
  for (const name of before.keys()) if (!after.has(name)) edits.set(name, undefined);
  for (const [name, value] of after) {
    if (Bun.deepEquals(before.get(name), value, true)) continue;
    const source = store.live.get(name)?.source;
    const detail = source?.detail === undefined ? {} : { detail: source.detail };
    edits.set(name, { value, origin: { kind: source?.kind ?? "default", ...detail } });
  }
  if (edits.size === 0) return;
  const message = `migrated from ${from} to ${options.version}`;
  const batch = store.begin();
  batch.add({ edits, author: { source: "migration", message }, at: options.now() });
  store.write(batch);
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
