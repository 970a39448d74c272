/**
 * User data: the TOML documents from which a machine takes its first settings. Contracts section 7.1. This reads and
 * checks the form; values are judged by the model, when the documents are patched into the launch transaction.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { type Problem, SettingsFault } from "../fault.ts";
import { decodeDocument } from "./document.ts";

export type UserData = { readonly source: string; readonly settings: Readonly<Record<string, unknown>> };

export type ReadUserDataOptions = {
  /** Folder to treat as `/`. */
  readonly root: string;
};

/** In the order in which they are patched: a later one wins. All but the third may be put there before the first boot. */
export const USER_DATA_SOURCES: readonly string[] = [
  "/local/user-data-defaults.toml",
  "/var/lib/sparkler/user-data.toml",
  "/sys/firmware/qemu_fw_cfg/by_name/opt/sparkler/user-data/raw",
  "/local/user-data.toml",
  "/local/user-data-overrides.toml",
];

const MAX_BYTES = 1024 * 1024;

/** Every document that is there and not empty, or all problems of all of them. */
export async function readUserData({
  root,
}: ReadUserDataOptions): Promise<Result<readonly UserData[], "invalid-user-data">> {
  const documents: UserData[] = [];
  const problems: Problem[] = [];
  for (const source of USER_DATA_SOURCES) {
    const bytes = await readBounded(join(root, source));
    if (bytes === undefined) continue;
    const decoded = typeof bytes === "string" ? { problems: [whole(bytes)] } : await decodeDocument(bytes, MAX_BYTES);
    problems.push(...decoded.problems.map((problem) => ({ ...problem, source })));
    if ("settings" in decoded && decoded.settings !== undefined) documents.push({ source, settings: decoded.settings });
  }
  if (problems.length === 0) return ok(documents);
  return fail(new SettingsFault("invalid-user-data", "Cannot take the user data", problems));
}

function whole(message: string): Problem {
  return { path: "document", message };
}

/** The bytes of a file, undefined where there is none, or what is wrong with it. Never more than one byte too many. */
async function readBounded(path: string): Promise<Uint8Array | string | undefined> {
  try {
    await using file = await open(path, "r");
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let size = 0;
    while (size < buffer.length) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, null);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return size > MAX_BYTES ? `must have ${MAX_BYTES} bytes at most` : buffer.subarray(0, size);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    return `cannot be read: ${cause.message}`;
  }
}
