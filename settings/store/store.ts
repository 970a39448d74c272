/**
 * One open store file: live values in memory, commits as single SQLite transactions (WAL, synchronous=FULL), and the
 * last generations with who, when, why and what. Everything here is synchronous; a commit is durable when it returns.
 * The file is held exclusively, so that memory and file cannot drift apart.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { Fault } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";
import type { Change, CommitAuthor, Generation, ValueOrigin } from "./generation.ts";
import { generation, type GenerationRow, type LiveRow, type LiveValue, liveValue, prepareTables } from "./schema.ts";

export const GENERATIONS_KEPT = 64;
const OUTCOMES_KEPT = 16;
const BUSY_TIMEOUT_MS = 5000;

export type Edit = { readonly value: SettingValue; readonly origin: ValueOrigin };
/** Full name → new value, or undefined to remove the key. */
export type Edits = ReadonlyMap<string, Edit | undefined>;

export class Store implements Disposable {
  readonly path: string;
  readonly #database: Database;
  readonly #live: Map<string, LiveValue>;
  #number: number;

  /** Opens or makes the file. Throws `Fault` with `corrupt`, or `store-failed` for everything else. */
  constructor(path: string) {
    this.path = path;
    let database: Database | undefined;
    try {
      database = new Database(path, { create: true, strict: true });
      database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      database.run("PRAGMA locking_mode = EXCLUSIVE");
      database.run("PRAGMA journal_mode = WAL");
      database.run("PRAGMA synchronous = FULL");
      checkIntegrity(database);
      prepareTables(database);
      const rows = database.query<LiveRow, []>("SELECT name, value, source FROM live ORDER BY name").all();
      this.#live = new Map(rows.map((row) => [row.name, liveValue(row)]));
      const last = database.query<{ number: number | null }, []>("SELECT max(number) AS number FROM generation").get();
      this.#number = last?.number ?? 0;
      this.#database = database;
      this.generations();
    } catch (cause) {
      database?.close();
      throw storeFault(cause, `Cannot open the store "${path}"`);
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
        this.#database.run("DELETE FROM generation WHERE number <= ?", [made.number - GENERATIONS_KEPT]);
      })();
    } catch (cause) {
      throw storeFault(cause, `Cannot commit to the store "${this.path}"`);
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
    return this.#database.query<GenerationRow, []>(query).all().map(generation);
  }

  /** Keeps a text about what applying did. */
  recordOutcome(outcome: string): void {
    try {
      this.#database.transaction(() => {
        const { lastInsertRowid } = this.#database.run("INSERT INTO outcome (outcome) VALUES (?)", [outcome]);
        this.#database.run("DELETE FROM outcome WHERE number <= ?", [Number(lastInsertRowid) - OUTCOMES_KEPT]);
      })();
    } catch (cause) {
      throw storeFault(cause, `Cannot record an outcome in the store "${this.path}"`);
    }
  }

  lastOutcome(): string | undefined {
    const query = "SELECT outcome FROM outcome ORDER BY number DESC LIMIT 1";
    return this.#database.query<{ outcome: string }, []>(query).get()?.outcome;
  }

  /** Writes everything into the one file and lets go of it. */
  close(): void {
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function changeOf(name: string, before: LiveValue | undefined, edit: Edit | undefined): Change {
  return {
    name,
    ...(before === undefined ? {} : { before: before.value }),
    ...(edit === undefined ? {} : { after: edit.value }),
  };
}

function checkIntegrity(database: Database): void {
  const rows = database.query<{ integrity_check: string }, []>("PRAGMA integrity_check(4)").all();
  const said = rows.map((row) => row.integrity_check).join("; ");
  if (said !== "ok") throw new Fault("corrupt", `Cannot trust the store: ${said}`);
}

function storeFault(cause: unknown, action: string): Fault<"corrupt" | "store-failed"> {
  if (cause instanceof Fault) return Fault.from(cause.code === "corrupt" ? "corrupt" : "store-failed", action, cause);
  if (!(cause instanceof SQLiteError)) throw cause;
  const corrupt = /^SQLITE_(CORRUPT|NOTADB)/.test(cause.code ?? "");
  return Fault.from(corrupt ? "corrupt" : "store-failed", action, cause, { sqlite: cause.code });
}
