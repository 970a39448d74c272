/**
 * Updating once more to a version that has a store already: when the version that it was updated from was used since, its
 * settings are the ones that count, so the store is made anew from them. Of the old one those settings are kept that the
 * other version cannot say at all; everything else that was set here it has been given when the machine went back.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { parseKey } from "../key.ts";
import { decodePair } from "../model/decode.ts";
import { type Edit } from "../store/batch.ts";
import { companions, storeFileName } from "../store/files.ts";
import { originOf } from "../store/generation.ts";
import { Store } from "../store/store.ts";
import { bringFrom, type BringOptions, copyStore } from "./bring.ts";
import { fingerprint, type Origin, originOfStore } from "./origin.ts";
import { planMigration, type Values } from "./migration.ts";

/** What of the old store goes on into the new one. */
export type Kept = {
  readonly values: ReadonlyMap<string, Edit>;
  readonly generation: number;
  /** Notes by which numbers never come twice. */
  readonly outcomeNumbers: string | undefined;
};

/** Makes `options.temporary` when the store has to be made anew, and returns the version that it is made from. */
export async function bringAgain(store: Store, options: BringOptions): Promise<string | undefined> {
  const origin = originOfStore(store.notes);
  if (origin === undefined || Bun.semver.order(origin.version, options.version) > 0) return undefined;
  const file = await fingerprint(options.folder, origin.version);
  if (file === "" || file === origin.file) return undefined;
  if (!(await hasMovedOn(origin, options))) return undefined;
  const kept: Kept = {
    values: onlyHere(store, origin, options),
    generation: store.generation,
    outcomeNumbers: store.notes.get("outcome-numbers"),
  };
  await bringFrom(origin.version, options);
  carryOver(kept, options);
  return origin.version;
}

async function hasMovedOn(origin: Origin, { folder, temporary, log }: BringOptions): Promise<boolean> {
  try {
    await copyStore(join(folder, storeFileName(origin.version)), temporary, await readdir(folder));
    using store = new Store(temporary);
    return store.generation > origin.generation;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    log.warn("The store that this one was made from cannot be read", { from: origin.version, reason: thrown.message });
    return false;
  } finally {
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
  }
}

/** Live values without which the other version would say just the same. */
function onlyHere(store: Store, origin: Origin, { version, migrations }: BringOptions): ReadonlyMap<string, Edit> {
  const steps = planMigration(version, origin.version, migrations);
  const back = (values: Values): Values => steps.reduce((each, step) => step(each), values);
  const all: Values = new Map([...store.live].map(([name, { value }]) => [name, value]));
  const said = back(all);
  const found = new Map<string, Edit>();
  for (const [name, { value, source }] of store.live) {
    // What the other version has under the same name it can say; only few are left to be tried.
    if (said.has(name)) continue;
    const without = new Map(all);
    without.delete(name);
    if (Bun.deepEquals(back(without), said, true)) found.set(name, { value, origin: originOf(source) });
  }
  return found;
}

function carryOver({ values, generation, outcomeNumbers }: Kept, { temporary, now, version }: BringOptions): void {
  using store = new Store(temporary);
  const batch = store.begin();
  const missing = [...values].filter(([name, { value }]) => {
    const key = parseKey(name);
    return !store.live.has(name) && key.ok && decodePair(key.value, value).problems.length === 0;
  });
  const message = `settings that only version ${version} has`;
  const commit = { edits: new Map(missing), author: { source: "migration", message }, at: now() };
  batch.add(commit, Math.max(batch.generation, generation) + 1);
  if (Number(outcomeNumbers ?? 0) > Number(store.notes.get("outcome-numbers") ?? 0)) {
    batch.notes.set("outcome-numbers", outcomeNumbers);
  }
  store.write(batch);
}
