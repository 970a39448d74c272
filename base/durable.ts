/**
 * The one module that writes state that must survive a power cut: write a temporary file beside the target, fsync it,
 * rename it over the target, fsync the directory. After a cut the target holds either the old bytes or the new ones.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, basename, join } from "node:path";
import { Fault } from "./result.ts";

export type DurableFault = "write-failed";

export type WriteOptions = {
  /** Permission bits of the new file; default 0o644. */
  readonly mode?: number;
  /** Create missing parent directories (not themselves made durable beyond the last); default false. */
  readonly parents?: boolean;
};

/** Replaces `path` by `content`, all or nothing. Throws `Fault("write-failed")`, leaving the old file as it was. */
export async function writeFileDurable(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    if (options.parents === true) await mkdir(folder, { recursive: true });
    const file = await open(temporary, "wx", options.mode ?? 0o644);
    try {
      await file.writeFile(content);
      await file.chmod(options.mode ?? 0o644);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw Fault.from("write-failed", `Cannot write "${path}"`, cause, { path });
  }
}

/** Makes renames, creations and removals in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
