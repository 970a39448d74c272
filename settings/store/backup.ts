/**
 * The second copy of the live settings, beside the store and independent of its format: one JSON file with a checksum,
 * replaced as a whole. It lags behind the store by a moment, and is only read when the store is damaged.
 */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { writeFileDurable } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import { settingValueSchema } from "../value-schema.ts";
import type { Edit, Edits } from "./batch.ts";
import { originOf, type OriginKind } from "./generation.ts";
import type { LiveValue } from "./schema.ts";

/** How long after a commit it is written: what commits soon after one another shares one write. */
const DELAY_MS = 2000;

export type Backup = {
  readonly generation: number;
  /** The highest number of an outcome that may have been given out. */
  readonly outcomeNumbers: number;
  readonly values: ReadonlyMap<string, Edit>;
};

type Live = { readonly live: ReadonlyMap<string, LiveValue>; readonly generation: number };
type Unconfirmed = { readonly undo: Edits };

export function backupPath(storePath: string): string {
  return storePath.replace(/\.sqlite$/, ".backup.json");
}

/** The live settings, without what waits to be confirmed: nobody has said that those are good. */
export function backupContent(store: Live, waiting: Unconfirmed | undefined, outcomeNumbers: number): string {
  const values = new Map<string, Edit>();
  for (const [name, { value, source }] of store.live) values.set(name, { value, origin: originOf(source) });
  for (const [name, edit] of waiting?.undo ?? []) {
    if (edit === undefined) values.delete(name);
    else values.set(name, edit);
  }
  const list = [...values].map(([name, { value, origin }]) => [name, value, origin]);
  const text = JSON.stringify({ generation: store.generation, outcomeNumbers, values: list });
  return JSON.stringify({ sha256: sha256(text), text });
}

/** Undefined when the text is not a whole and unchanged backup. */
export function readBackup(content: string): Backup | undefined {
  const outer = z.strictObject({ sha256: z.string(), text: z.string() }).safeParse(parseJson(content));
  if (!outer.success || outer.data.sha256 !== sha256(outer.data.text)) return undefined;
  const value = settingValueSchema();
  const kinds: readonly OriginKind[] = ["default", "generator", "user-data", "api"];
  const origin = z.strictObject({ kind: z.enum(kinds), detail: z.exactOptional(z.string()) });
  const inner = z
    .strictObject({
      generation: z.int(),
      outcomeNumbers: z.int(),
      values: z.array(z.tuple([z.string(), value, origin])),
    })
    .safeParse(parseJson(outer.data.text));
  if (!inner.success) return undefined;
  const { values, ...numbers } = inner.data;
  return { ...numbers, values: new Map(values.map(([name, each, from]) => [name, { value: each, origin: from }])) };
}

/** The backup of a store, when there is a good one. */
export async function findBackup(storePath: string): Promise<Backup | undefined> {
  try {
    return readBackup(await readFile(backupPath(storePath), "utf8"));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) return undefined; // none, or not to be read: as good as none
    throw cause;
  }
}

/** Keeps the backup file up with what `content` gives; one write at a time. */
export class BackupWriter {
  readonly #path: string;
  readonly #content: () => string;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(storePath: string, content: () => string, log: Log) {
    this.#path = backupPath(storePath);
    this.#content = content;
    this.#log = log;
  }

  /** To be called after each change. */
  soon(): void {
    this.#timer ??= setTimeout(() => void this.now(), DELAY_MS).unref();
  }

  /** Writes what `content` gives at this moment; a failure is logged, since the store itself is good. */
  now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const content = this.#content();
    this.#writing = this.#writing.then(() => this.#write(content));
    return this.#writing;
  }

  /** Writes what is due, and ends. */
  close(): Promise<void> {
    return this.#timer === undefined ? this.#writing : this.now();
  }

  async #isThere(content: string): Promise<boolean> {
    try {
      return (await readFile(this.#path, "utf8")) === content;
    } catch (cause) {
      if (cause instanceof Error && "code" in cause) return false; // the write that follows tells what is wrong
      throw cause;
    }
  }

  async #write(content: string): Promise<void> {
    try {
      if (await this.#isThere(content)) return;
      await writeFileDurable(this.#path, content, { mode: 0o600 });
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      this.#log.warn("The backup of the settings is not written", { reason: thrown.message });
    }
  }
}

function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no backup either
  }
}
