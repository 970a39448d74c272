/** The copy of the document that is checked in: writing it, and telling whether it is as it should be. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../../base/result.ts";
import { writeFileDurable } from "../../base/durable.ts";
import { describeApi } from "./document.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const documentPath: string = join(root, "docs", "reference", "openapi.json");

/** The text of the file. It carries no version of the system, so that a release does not change it. */
export function documentText(): string {
  return `${JSON.stringify(describeApi("0"), undefined, 2)}\n`;
}

export async function writeDocument(): Promise<void> {
  await mkdir(dirname(documentPath), { recursive: true });
  await writeFileDurable(documentPath, documentText(), { mode: 0o644 });
}

/** Throws `Fault("stale")` when the file is not what would be written. */
export async function checkDocument(): Promise<void> {
  const found = await readFile(documentPath, "utf8").catch(() => "");
  if (found === documentText()) return;
  throw new Fault("stale", 'Cannot use "docs/reference/openapi.json": it is stale; wanted: npm run fix');
}
