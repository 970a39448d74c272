/**
 * One open store file: live values in memory, commits as single SQLite transactions (WAL, synchronous=FULL), and the
 * last generations with who, when, why and what. Everything here is synchronous; a commit is durable when it returns.
 * The file is held exclusively, so that memory and file cannot drift apart.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { Fault } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";
import type { Change, CommitAuthor, Generation, ValueOrigin } from "./generation.ts";
import {
  checkHeader,
  checkTables,
  generation,
  type GenerationRow,
  type LiveRow,
  type LiveValue,
  liveValue,
  makeTables,
} from "./schema.ts";

export const GENERATIONS_KEPT = 64;
/** Characters of what changed that are kept for all generations together; the last one is kept whatever its size. */
export const HISTORY_KEPT: number = 4 * 1024 * 1024;
const OUTCOMES_KEPT = 16;
const BUSY_TIMEOUT_MS = 1000;

export type Edit = { readonly value: SettingValue; readonly origin: ValueOrigin };
/** Full name → new value, or undefined to remove the key. */
export type Edits = ReadonlyMap<string, Edit | undefined>;
export type StoreFault = "store-corrupt" | "store-failed";

export class Store implements Disposable {
  readonly path: string;
  readonly #database: Database;
  readonly #live: Map<string, LiveValue>;
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
      database.run("PRAGMA journal_mode = WAL");
      database.run("PRAGMA synchronous = FULL");
      if (create) makeTables(database);
      checkTables(database);
      const rows = database.query<LiveRow, []>("SELECT name, value, source FROM live ORDER BY name").all();
      this.#live = new Map(rows.map((row) => [row.name, liveValue(row)]));
      const last = database.query<{ number: number | null }, []>("SELECT max(number) AS number FROM generation").get();
      this.#number = last?.number ?? 0;
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

  /** Writes all edits as one generation. Throws `Fault("store-failed")` and leaves file and memory as they were. */
  commit(edits: Edits, author: CommitAuthor, at: Date): Generation {
    const made: Generation = {
      number: this.#number + 1,
      at: at.toISOString(),
      author,
      changes: [...edits].map(([name, edit]) => changeOf(name, this.#live.get(name), edit)),
    };
    const source = { generation: made.number, at: made.at, by: author.source };
    try {
      this.#database.transaction(() => {
        for (const [name, edit] of edits) {
          if (edit === undefined) this.#database.run("DELETE FROM live WHERE name = ?", [name]);
          else {
            const row = [name, JSON.stringify(edit.value), JSON.stringify({ ...edit.origin, ...source })];
            this.#database.run("INSERT OR REPLACE INTO live (name, value, source) VALUES (?, ?, ?)", row);
          }
        }
        const row = [made.number, made.at, JSON.stringify(author), JSON.stringify(made.changes)];
        this.#database.run("INSERT INTO generation (number, at, author, changes) VALUES (?, ?, ?, ?)", row);
        this.#forget(made.number);
      })();
    } catch (cause) {
      throw storeFault(cause, `Cannot commit to the settings store "${this.path}"`, this.path);
    }
    this.#number = made.number;
    for (const [name, edit] of edits) {
      if (edit === undefined) this.#live.delete(name);
      else this.#live.set(name, { value: edit.value, source: { ...edit.origin, ...source } });
    }
    return made;
  }

  /** The generations kept, newest first. */
  generations(): Generation[] {
    const query = "SELECT number, at, author, changes FROM generation ORDER BY number DESC";
    try {
      return this.#database.query<GenerationRow, []>(query).all().map(generation);
    } catch (cause) {
      throw storeFault(cause, `Cannot read the history of the settings store "${this.path}"`, this.path);
    }
  }

  /** Keeps a text about what applying did. */
  recordOutcome(outcome: string): void {
    try {
      this.#database.transaction(() => {
        const { lastInsertRowid } = this.#database.run("INSERT INTO outcome (outcome) VALUES (?)", [outcome]);
        this.#database.run("DELETE FROM outcome WHERE number <= ?", [Number(lastInsertRowid) - OUTCOMES_KEPT]);
      })();
    } catch (cause) {
      throw storeFault(cause, `Cannot record an outcome in the settings store "${this.path}"`, this.path);
    }
  }

  lastOutcome(): string | undefined {
    const query = "SELECT outcome FROM outcome ORDER BY number DESC LIMIT 1";
    try {
      return this.#database.query<{ outcome: string }, []>(query).get()?.outcome;
    } catch (cause) {
      throw storeFault(cause, `Cannot read an outcome from the settings store "${this.path}"`, this.path);
    }
  }

  /** Writes everything into the one file and lets go of it. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Drops what is too old, or beyond what all history together may take. */
  #forget(newest: number): void {
    const query =
      "SELECT number, sum(length(changes)) OVER (ORDER BY number DESC) AS size FROM generation ORDER BY number DESC";
    const kept = this.#database.query<{ number: number; size: number }, []>(query).all();
    const oversized = kept.find(({ number, size }) => number < newest && size > HISTORY_KEPT)?.number ?? 0;
    const last = Math.max(oversized, newest - GENERATIONS_KEPT);
    this.#database.run("DELETE FROM generation WHERE number <= ?", [last]);
  }
}

function changeOf(name: string, before: LiveValue | undefined, edit: Edit | undefined): Change {
  return {
    name,
    ...(before === undefined ? {} : { before: before.value }),
    ...(edit === undefined ? {} : { after: edit.value }),
  };
}

function storeFault(cause: unknown, action: string, path: string): Fault<StoreFault> {
  const say = (code: StoreFault, why: string): Fault<StoreFault> =>
    new Fault(code, `${action}: ${why}`, { path }, cause);
  if (cause instanceof Fault) return say(cause.code === "corrupt" ? "store-corrupt" : "store-failed", cause.message);
  if (!(cause instanceof SQLiteError)) throw cause;
  if (/^SQLITE_(?:CORRUPT|NOTADB)/.test(cause.code ?? "")) {
    return say("store-corrupt", `it is damaged (${cause.message}); it is left as it is, move it away to begin anew`);
  }
  if (cause.code?.startsWith("SQLITE_BUSY") === true) return say("store-failed", "another program has it open");
  return say("store-failed", cause.message);
}
