/** The page that is checked in: writing it, and telling whether it is as it should be. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileDurable } from "../../base/durable.ts";
import { Fault } from "../../base/result.ts";
import { settingsPage } from "./page.ts";

const path = join(fileURLToPath(new URL("../..", import.meta.url)), "docs", "reference", "settings.md");

export async function writePage(): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileDurable(path, settingsPage(), { mode: 0o644 });
}

/** Throws `Fault("stale")` when the file is not what would be written. */
export async function checkPage(): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => "");
  if (found === settingsPage()) return;
  throw new Fault("stale", 'Cannot use "docs/reference/settings.md": it is stale; wanted: npm run fix');
}
