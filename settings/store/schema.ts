/** The store's tables, and how rows become values. A row that does not read as it was written means corruption. */
import type { Database } from "bun:sqlite";
import { closeSync, openSync, readSync } from "node:fs";
import * as z from "zod";
import { Fault, reason } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";
import { settingValueSchema } from "../value-schema.ts";
import type { Change, CommitAuthor, Generation, OriginKind, ValueOrigin, ValueSource } from "./generation.ts";

/** Changes only when these tables change; values are brought forward by migrations instead. 2 added `note`. */
export const FORMAT = 2;

const HEADER = "SQLite format 3\0";

export type LiveValue = { readonly value: SettingValue; readonly source: ValueSource };

const statements = [
  "CREATE TABLE IF NOT EXISTS generation (number INTEGER PRIMARY KEY, at TEXT NOT NULL, author TEXT NOT NULL, changes TEXT NOT NULL) STRICT",
  "CREATE TABLE IF NOT EXISTS live (name TEXT PRIMARY KEY, value TEXT NOT NULL, source TEXT NOT NULL) STRICT, WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS outcome (number INTEGER PRIMARY KEY, outcome TEXT NOT NULL) STRICT",
  "CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID",
];

/**
 * Throws `Fault("corrupt")` unless the file begins as SQLite's do: SQLite would write its header into an empty one. An
 * empty store is damage, since a store gets its name only when it is complete.
 */
export function checkHeader(path: string): void {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(HEADER.length);
    readSync(file, start, 0, start.length, 0);
    if (start.toString("latin1") !== HEADER) throw corrupt("it does not begin as a store does");
  } finally {
    closeSync(file);
  }
}

/** Makes the tables that a file of this or an earlier format lacks, in one transaction; `create` for one that has none. */
export function makeTables(database: Database, create: boolean): void {
  const format = formatOf(database);
  if (format >= FORMAT || (format === 0 && !create)) return;
  database.transaction(() => {
    for (const statement of statements) database.run(statement);
    database.run(`PRAGMA user_version = ${FORMAT}`);
  })();
}

/** Throws `Fault("corrupt")` unless the file is sound and has this format. */
export function checkTables(database: Database): void {
  const rows = database.query<{ quick_check: string }, []>("PRAGMA quick_check(4)").all();
  const said = rows.map((row) => row.quick_check).join("; ");
  if (said !== "ok") throw corrupt(said);
  const found = formatOf(database);
  if (found !== FORMAT) throw corrupt(`its format is ${found}, wanted ${FORMAT}`);
}

function formatOf(database: Database): number {
  return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}

const setting = settingValueSchema();
const kinds: readonly OriginKind[] = ["default", "generator", "user-data", "api"];
const optional = { detail: z.exactOptional(z.string()) };
const source: z.ZodType<ValueSource> = z.strictObject({
  kind: z.enum(kinds),
  ...optional,
  generation: z.int(),
  at: z.string(),
  by: z.string(),
});
const author: z.ZodType<CommitAuthor> = z.strictObject({
  source: z.string(),
  uid: z.exactOptional(z.int()),
  pid: z.exactOptional(z.int()),
  process: z.exactOptional(z.string()),
  container: z.exactOptional(z.string()),
  message: z.exactOptional(z.string()),
});
const origin: z.ZodType<ValueOrigin> = z.strictObject({ kind: z.enum(kinds), ...optional });
const changes: z.ZodType<Change[]> = z.array(
  z.strictObject({
    name: z.string(),
    before: z.exactOptional(setting),
    beforeOrigin: z.exactOptional(origin),
    after: z.exactOptional(setting),
    afterOrigin: z.exactOptional(origin),
  }),
);

export type NoteRow = { readonly key: string; readonly text: string };
export type LiveRow = { readonly name: string; readonly value: string; readonly source: string };
export type GenerationRow = {
  readonly number: number;
  readonly at: string;
  readonly author: string;
  readonly changes: string;
};

export function liveValue(row: LiveRow): LiveValue {
  return { value: read(setting, row.value, row.name), source: read(source, row.source, row.name) };
}

export function generation(row: GenerationRow): Generation {
  const what = `generation ${row.number}`;
  return {
    number: row.number,
    at: row.at,
    author: read(author, row.author, what),
    changes: read(changes, row.changes, what),
  };
}

function read<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(`${JSON.stringify(what)}: ${reason(cause)}`, cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw corrupt(`${JSON.stringify(what)} is not as it was written`, parsed.error);
}

function corrupt(why: string, cause?: unknown): Fault<"corrupt"> {
  return new Fault("corrupt", `it is damaged (${why})`, {}, cause);
}
