/** A bare SQLite transaction with the durability that a commit has: one row, written and flushed, again and again. */
import { Database } from "bun:sqlite";

/** Transactions per second on a new database at `path`. */
export function bareTransactions(path: string, seconds: number): number {
  using database = new Database(path, { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
  const put = database.query(
    "INSERT INTO settings VALUES ('settings.motd', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  const began = performance.now();
  let done = 0;
  while (performance.now() - began < seconds * 1000) {
    put.run(String(done));
    done += 1;
  }
  return done / ((performance.now() - began) / 1000);
}
