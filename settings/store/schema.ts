/** The store's tables, and how rows become values. A row that does not read as it was written means corruption. */
import type { Database } from "bun:sqlite";
import * as z from "zod";
import { Fault } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";
import type { Change, CommitAuthor, Generation, OriginKind, ValueSource } from "./generation.ts";

/** Changes only when these tables change; values are brought forward by migrations instead. */
export const FORMAT = 1;

export type LiveValue = { readonly value: SettingValue; readonly source: ValueSource };

const statements = [
  "CREATE TABLE IF NOT EXISTS generation (number INTEGER PRIMARY KEY, at TEXT NOT NULL, author TEXT NOT NULL, changes TEXT NOT NULL) STRICT",
  "CREATE TABLE IF NOT EXISTS live (name TEXT PRIMARY KEY, value TEXT NOT NULL, source TEXT NOT NULL) STRICT, WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS outcome (number INTEGER PRIMARY KEY, outcome TEXT NOT NULL) STRICT",
];

/** Makes the tables in one transaction, or checks that the file has this format. */
export function prepareTables(database: Database): void {
  const { user_version: found } = database.query<{ user_version: number }, []>("PRAGMA user_version").get() ?? {
    user_version: 0,
  };
  if (found === FORMAT) return;
  if (found !== 0) throw new Fault("corrupt", `Cannot read the store: its format is ${found}, wanted ${FORMAT}`);
  database.transaction(() => {
    for (const statement of statements) database.run(statement);
    database.run(`PRAGMA user_version = ${FORMAT}`);
  })();
}

const setting: z.ZodType<SettingValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.array(setting)]),
);
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
  uid: z.exactOptional(z.int()),
  source: z.string(),
  message: z.exactOptional(z.string()),
});
const changes: z.ZodType<Change[]> = z.array(
  z.strictObject({ name: z.string(), before: z.exactOptional(setting), after: z.exactOptional(setting) }),
);

export type LiveRow = { readonly name: string; readonly value: string; readonly source: string };
export type GenerationRow = { readonly number: number; readonly at: string; readonly author: string; readonly changes: string };

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
    throw Fault.from("corrupt", `Cannot read "${what}" from the store`, cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw Fault.from("corrupt", `Cannot read "${what}" from the store`, parsed.error);
}
