/**
 * Opening the store of this OS version: its own file if there is one, else a migrated copy of another version's, else
 * a new one. A file that cannot be trusted is kept aside under another name, never deleted and never used.
 */
import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { syncFolder } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { Fault, reason } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";
import { chooseOrigin, type Migration, migrations, planMigration } from "./migration.ts";
import { type Edit, Store } from "./store.ts";

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

export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const folder = dirname(options.path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  for (const name of names.filter((each) => each.startsWith(temporaryMark))) await rm(join(folder, name));
  if (!names.includes(basename(options.path))) await bringForward(options, names);
  try {
    return await opened(options.path);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== "corrupt") throw thrown;
    const kept = await keepAside(options.path);
    options.log.error("The settings store is damaged; it is kept aside and defaults are used", {
      reason: thrown.message,
      kept,
    });
    return opened(options.path);
  }
}

async function opened(path: string): Promise<Store> {
  const store = new Store(path);
  await syncFolder(dirname(path));
  return store;
}

/** Makes `options.path` a migrated copy of the best other version's store; that file stays byte for byte as it was. */
async function bringForward(options: OpenStoreOptions, names: readonly string[]): Promise<void> {
  const folder = dirname(options.path);
  const versions = names.flatMap((name) => fileName.exec(name)?.groups?.["version"] ?? []);
  const from = chooseOrigin(versions, options.version);
  if (from === undefined) return;
  const origin = join(folder, `store-${from}.sqlite`);
  const temporary = join(folder, `${temporaryMark}${basename(options.path)}`);
  try {
    await copyFile(origin, temporary);
    if (names.includes(`${basename(origin)}-wal`)) await copyFile(`${origin}-wal`, `${temporary}-wal`);
    const store = new Store(temporary);
    try {
      migrate(store, from, options);
    } finally {
      store.close();
    }
    await syncFile(temporary);
    await rename(temporary, options.path);
    await syncFolder(folder);
    options.log.info("Settings are brought from another version", { from, to: options.version });
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== "corrupt") throw thrown;
    options.log.error("The settings of another version are damaged and not taken over", {
      from,
      reason: reason(thrown),
    });
  } finally {
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
  }
}

function migrate(store: Store, from: string, options: OpenStoreOptions): void {
  const steps = planMigration(from, options.version, options.migrations ?? migrations);
  const before = new Map([...store.live].map(([name, { value }]) => [name, value]));
  const after = steps.reduce<ReadonlyMap<string, SettingValue>>((values, step) => step(values), before);
  const edits = new Map<string, Edit | undefined>();
  for (const name of before.keys()) if (!after.has(name)) edits.set(name, undefined);
  for (const [name, value] of after) {
    if (isDeepStrictEqual(before.get(name), value)) continue;
    const source = store.live.get(name)?.source;
    const detail = source?.detail === undefined ? {} : { detail: source.detail };
    edits.set(name, { value, origin: { kind: source?.kind ?? "default", ...detail } });
  }
  if (edits.size === 0) return;
  const message = `migrated from ${from} to ${options.version}`;
  store.commit(edits, { source: "migration", message }, options.now());
}

async function keepAside(path: string): Promise<string> {
  const names = new Set(await readdir(dirname(path)));
  let number = 1;
  while (names.has(`${basename(path)}.corrupt-${number}`)) number += 1;
  const kept = `${path}.corrupt-${number}`;
  for (const end of companions) {
    if (names.has(`${basename(path)}${end}`)) await rename(`${path}${end}`, `${kept}${end}`);
  }
  await rename(path, kept);
  await syncFolder(dirname(path));
  return kept;
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
