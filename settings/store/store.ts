/**
 * One open store file: live values in memory, commits as SQLite transactions (WAL, synchronous=FULL), the last
 * generations with who, when, why and what, outcomes of applying, and notes. Everything here is synchronous; what was
 * written is durable when a call returns. The file is held exclusively, so that memory and file cannot drift apart.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { Fault } from "../../base/result.ts";
import { Batch, type Notes, type Weight, weightOf } from "./batch.ts";
import type { Generation } from "./generation.ts";
import {
  checkHeader,
  checkTables,
  generation,
  type GenerationRow,
  type LiveRow,
  type LiveValue,
  liveValue,
  makeTables,
  type NoteRow,
} from "./schema.ts";

export const GENERATIONS_KEPT = 64;
/** Characters of what changed that are kept for all generations together; the last one is kept whatever its size. */
export const HISTORY_KEPT: number = 4 * 1024 * 1024;
/** Enough to look back over a day of changes; each takes a few kilobytes. */
export const OUTCOMES_KEPT = 64;
const BUSY_TIMEOUT_MS = 1000;
/** The write-ahead log is cut back to this after it has grown for one large commit. */
const LOG_KEPT: number = 4 * 1024 * 1024;

export type StoreFault = "store-corrupt" | "store-failed";

export type OutcomeRow = { readonly number: number; readonly outcome: string };

export class Store implements Disposable {
  readonly path: string;
  /** Called with each batch before it is written, to add notes that belong to it. */
  completing: ((batch: Batch) => void) | undefined;
  /** Called when the file turns out to be damaged while it is open; what is in memory is still good. */
  damaged: (() => void) | undefined;
  readonly #database: Database;
  readonly #live: Map<string, LiveValue>;
  readonly #notes: Map<string, string>;
  /** Generations kept, oldest first, with the characters of their changes. */
  readonly #kept: { readonly number: number; readonly size: number }[];
  #weight: Weight;
  #number: number;
  #closed = false;

  /** Opens a file that is there; an empty one becomes a store only with `create`. Throws `Fault<StoreFault>`. */
  constructor(path: string, { create = false }: { readonly create?: boolean } = {}) {
    this.path = path;
    let database: Database | undefined;
    try {
      if (!create) checkHeader(path);
      database = new Database(path, { readwrite: true, create: false, strict: true });
      database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      database.run("PRAGMA locking_mode = EXCLUSIVE");
      // Space of what is dropped goes back to the file system; only takes in a file without tables.
      if (create) database.run("PRAGMA auto_vacuum = FULL");
      database.run("PRAGMA journal_mode = WAL");
      database.run("PRAGMA synchronous = FULL");
      database.run(`PRAGMA journal_size_limit = ${LOG_KEPT}`);
      makeTables(database, create);
      checkTables(database);
      const rows = database.query<LiveRow, []>("SELECT name, value, source FROM live ORDER BY name").all();
      this.#live = new Map(rows.map((row) => [row.name, liveValue(row)]));
      this.#weight = weigh(this.#live);
      const sizes = "SELECT number, length(changes) AS size FROM generation ORDER BY number";
      this.#kept = database.query<{ number: number; size: number }, []>(sizes).all();
      this.#number = this.#kept.at(-1)?.number ?? 0;
      const notes = database.query<NoteRow, []>("SELECT key, text FROM note").all();
      this.#notes = new Map(notes.map(({ key, text }) => [key, text]));
      this.#database = database;
    } catch (cause) {
      database?.close();
      throw storeFault(cause, `Cannot open the settings store "${path}"`, path);
    }
  }

  get live(): ReadonlyMap<string, LiveValue> {
    return this.#live;
  }

  get generation(): number {
    return this.#number;
  }

  get notes(): ReadonlyMap<string, string> {
    return this.#notes;
  }

  /** A batch on top of what is live now; no other may be written before it is. */
  begin(): Batch {
    return new Batch({ live: this.#live, generation: this.#number, weight: this.#weight, notes: this.#notes });
  }

  /** Writes all generations of a batch at once. Throws `Fault<StoreFault>` and leaves file and memory as they were. */
  write(batch: Batch): void {
    this.completing?.(batch);
    const added = batch.generations.map((made) => ({ made, changes: JSON.stringify(made.changes) }));
    const kept = [...this.#kept, ...added.map(({ made, changes }) => ({ number: made.number, size: changes.length }))];
    const dropped = tooOld(kept);
    const insert = "INSERT INTO generation (number, at, author, changes) VALUES (?, ?, ?, ?)";
    this.#atOnce("commit to", () => {
      for (const [name, live] of batch.touched) {
        if (live === undefined) this.#run("DELETE FROM live WHERE name = ?", name);
        else {
          const texts = [JSON.stringify(live.value), JSON.stringify(live.source)];
          this.#run("INSERT OR REPLACE INTO live (name, value, source) VALUES (?, ?, ?)", name, ...texts);
        }
      }
      for (const { made, changes } of added) {
        this.#run(insert, made.number, made.at, JSON.stringify(made.author), changes);
      }
      if (dropped > 0) this.#run("DELETE FROM generation WHERE number <= ?", kept[dropped - 1]?.number ?? 0);
      this.#writeNotes(batch.notes);
    });
    this.#number = batch.generation;
    this.#weight = batch.weight;
    this.#kept.splice(0, this.#kept.length, ...kept.slice(dropped));
    for (const [name, live] of batch.touched) {
      if (live === undefined) this.#live.delete(name);
      else this.#live.set(name, live);
    }
    this.#adoptNotes(batch.notes);
  }

  /** Writes notes that belong to no commit. */
  writeNotes(notes: Notes): void {
    this.#atOnce("write to", () => this.#writeNotes(notes));
    this.#adoptNotes(notes);
  }

  /** Keeps a text about what applying did, and changes notes with it. */
  recordOutcome({ number, outcome }: OutcomeRow, notes: Notes): void {
    this.#atOnce("record an outcome in", () => {
      this.#run("INSERT OR REPLACE INTO outcome (number, outcome) VALUES (?, ?)", number, outcome);
      const old = "SELECT number FROM outcome ORDER BY number DESC LIMIT -1 OFFSET ?";
      this.#run(`DELETE FROM outcome WHERE number IN (${old})`, OUTCOMES_KEPT);
      this.#writeNotes(notes);
    });
    this.#adoptNotes(notes);
  }

  /** The generations kept, newest first. */
  generations(): Generation[] {
    const query = "SELECT number, at, author, changes FROM generation ORDER BY number DESC";
    return this.#read("the history of", () => this.#database.query<GenerationRow, []>(query).all().map(generation));
  }

  /** The outcomes kept, newest first, or those from `number` on. */
  outcomes(from = 0): OutcomeRow[] {
    const query = "SELECT number, outcome FROM outcome WHERE number >= ? ORDER BY number DESC";
    return this.#read("outcomes from", () => this.#database.query<OutcomeRow, [number]>(query).all(from));
  }

  /** Writes everything into the one file and lets go of it. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.#database.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #run(statement: string, ...values: readonly (string | number)[]): void {
    this.#database.query(statement).run(...values);
  }

  #writeNotes(notes: Notes): void {
    for (const [key, text] of notes) {
      if (text === undefined) this.#run("DELETE FROM note WHERE key = ?", key);
      else this.#run("INSERT OR REPLACE INTO note (key, text) VALUES (?, ?)", key, text);
    }
  }

  #adoptNotes(notes: Notes): void {
    for (const [key, text] of notes) {
      if (text === undefined) this.#notes.delete(key);
      else this.#notes.set(key, text);
    }
  }

  #atOnce(verb: string, work: () => void): void {
    try {
      this.#database.transaction(work).immediate();
    } catch (cause) {
      throw this.#tell(storeFault(cause, `Cannot ${verb} the settings store "${this.path}"`, this.path), cause);
    }
  }

  /** A row that does not read as it was written is no damage of the file: making the store anew would not be worth it. */
  #tell(fault: Fault<StoreFault>, cause: unknown): Fault<StoreFault> {
    if (fault.code === "store-corrupt" && cause instanceof SQLiteError) this.damaged?.();
    return fault;
  }

  #read<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#tell(storeFault(cause, `Cannot read ${what} the settings store "${this.path}"`, this.path), cause);
    }
  }
}

function weigh(live: ReadonlyMap<string, LiveValue>): Weight {
  let characters = 0;
  for (const [name, { value }] of live) characters += weightOf(name, value);
  return { names: live.size, characters };
}

/** How many of `kept`, from the oldest on, are too many or beyond what all history together may take. */
function tooOld(kept: readonly { readonly size: number }[]): number {
  let size = 0;
  for (let index = kept.length - 1; index >= 0; index--) {
    size += kept[index]?.size ?? 0;
    const beyond = kept.length - index > GENERATIONS_KEPT || size > HISTORY_KEPT;
    if (beyond && index < kept.length - 1) return index + 1;
  }
  return 0;
}

function storeFault(cause: unknown, action: string, path: string): Fault<StoreFault> {
  const say = (code: StoreFault, why: string): Fault<StoreFault> =>
    new Fault(code, `${action}: ${why}`, { path }, cause);
  if (cause instanceof Fault) return say(cause.code === "corrupt" ? "store-corrupt" : "store-failed", cause.message);
  if (!(cause instanceof SQLiteError)) throw cause;
  if (/^SQLITE_(?:CORRUPT|NOTADB)/.test(cause.code ?? ""))
    return say("store-corrupt", `it is damaged (${cause.message})`);
  if (cause.code?.startsWith("SQLITE_BUSY") === true) return say("store-failed", "another program has it open");
  return say("store-failed", cause.message);
}
