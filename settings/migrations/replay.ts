/**
 * Going back to a version that has a store: its file is used byte for byte, and what was changed under a newer version
 * since is made again, as far as this version's model takes it. Design section 3.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import { parseKey } from "../key.ts";
import { decodePair } from "../model/decode.ts";
import type { Commit, Edit } from "../store/batch.ts";
import { companions, storeFileName, versionsIn } from "../store/files.ts";
import { Store } from "../store/store.ts";
import { copyStore } from "./bring.ts";
import { type HandBack, handBackIn } from "./hand-back.ts";
import { originOfStore } from "./origin.ts";

export type ReplayOptions = {
  readonly folder: string;
  readonly version: string;
  readonly generation: number;
  /** A name in the folder that is free. */
  readonly temporary: string;
  readonly log: Log;
};

export type Found = HandBack & { readonly from: string };

/**
 * What was changed under a newer version that was updated from this one at exactly this generation: a store that has
 * moved on since has had it already.
 */
export async function findHandBack(options: ReplayOptions): Promise<Found | undefined> {
  const { folder, version, generation } = options;
  const newer = versionsIn(await readdir(folder)).filter((each) => Bun.semver.order(each, version) > 0);
  for (const from of [...newer].sort((a, b) => Bun.semver.order(b, a))) {
    const notes = await notesOf(from, options);
    const origin = notes === undefined ? undefined : originOfStore(notes);
    if (notes === undefined || origin?.version !== version || origin.generation !== generation) continue;
    const found = handBackIn(notes);
    if (found !== undefined && found.edits.length > 0) return { ...found, from };
  }
  return undefined;
}

/** Of a copy, so that the store itself is not touched. One that cannot be read has nothing to say. */
async function notesOf(version: string, options: ReplayOptions): Promise<ReadonlyMap<string, string> | undefined> {
  const { folder, temporary, log } = options;
  try {
    await copyStore(join(folder, storeFileName(version)), temporary, await readdir(folder));
    using store = new Store(temporary);
    return new Map(store.notes);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    log.warn("What was changed under another version cannot be read", { version, reason: thrown.message });
    return undefined;
  } finally {
    for (const end of ["", ...companions]) await rm(`${temporary}${end}`, { force: true });
  }
}

/** The commit that makes those changes here; what this version's model refuses is said and left out. */
export function replayCommit({ from, edits }: Found, log: Log, at: Date): Commit | undefined {
  const taken = new Map<string, Edit | undefined>();
  for (const { name, value, origin } of edits) {
    const key = parseKey(name);
    const problems = !key.ok || value === undefined ? [] : decodePair(key.value, value).problems;
    if (!key.ok || problems.length > 0) {
      log.warn("A change made under another version is not valid here", { from, name, problem: problems[0]?.message });
    } else taken.set(name, value === undefined ? undefined : { value, origin: origin ?? { kind: "api" } });
  }
  if (taken.size === 0) return undefined;
  const message = `changes made under version ${from}`;
  return { edits: taken, author: { source: "migration", message }, at };
}
