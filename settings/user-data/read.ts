/**
 * User data: the TOML documents from which a machine takes its first settings. Contracts section 7.1. This reads and
 * checks the form; values are judged by the model, when the documents are patched into the launch transaction.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { type Problem, SettingsFault } from "../fault.ts";
import { decodeDocument, type Document } from "./document.ts";
import { readDrives } from "./volumes/find.ts";

export type UserData = { readonly source: string; readonly settings: Readonly<Record<string, unknown>> };

export type ReadUserDataOptions = {
  /** Folder to treat as `/`. */
  readonly root: string;
};

/** Before the machine's own user data: what an image or its maker brings along. */
const DEFAULTS = ["/local/user-data-defaults.toml", "/var/lib/sparkler/user-data.toml"];
const FW_CFG = "/sys/firmware/qemu_fw_cfg/by_name/opt/sparkler/user-data/raw";
/** After it: what is to win whatever the machine was given. */
const OVERRIDES = ["/local/user-data.toml", "/local/user-data-overrides.toml"];

/** Of a document, packed and unpacked. */
export const MAX_USER_DATA_BYTES: number = 1024 * 1024;

/** What one provider gives, not yet looked into. */
type Given =
  | { readonly source: string; readonly bytes: Uint8Array }
  | { readonly source: string; readonly problem: string };

/** Every document that is there and not empty, in the order in which they are patched: a later one wins. Or all problems. */
export async function readUserData({
  root,
}: ReadUserDataOptions): Promise<Result<readonly UserData[], "invalid-user-data">> {
  const documents: UserData[] = [];
  const problems: Problem[] = [];
  for (const given of await readProviders(root)) {
    const { source } = given;
    const decoded: Document =
      "problem" in given
        ? { problems: [whole(given.problem)] }
        : await decodeDocument(given.bytes, MAX_USER_DATA_BYTES);
    problems.push(...decoded.problems.map((problem) => ({ ...problem, source })));
    if (decoded.settings !== undefined) documents.push({ source, settings: decoded.settings });
  }
  if (problems.length === 0) return ok(documents);
  return fail(new SettingsFault("invalid-user-data", "Cannot take the user data", problems));
}

/** The order of contracts section 7.1: defaults, the platform's, overrides. */
async function readProviders(root: string): Promise<readonly Given[]> {
  const drives = await readDrives(root, MAX_USER_DATA_BYTES);
  return [
    ...(await readFiles(root, DEFAULTS)),
    ...drives.map(({ source, ...rest }): Given =>
      rest.problem === undefined ? { source, bytes: rest.bytes } : { source, problem: rest.problem },
    ),
    ...(await readFiles(root, [FW_CFG, ...OVERRIDES])),
  ];
}

async function readFiles(root: string, paths: readonly string[]): Promise<readonly Given[]> {
  const given = await Promise.all(
    paths.map(async (source): Promise<readonly Given[]> => {
      const bytes = await readBounded(join(root, source));
      if (bytes === undefined) return [];
      return typeof bytes === "string" ? [{ source, problem: bytes }] : [{ source, bytes }];
    }),
  );
  return given.flat();
}

function whole(message: string): Problem {
  return { path: "document", message };
}

/** The bytes of a file, undefined where there is none, or what is wrong with it. Never more than one byte too many. */
async function readBounded(path: string): Promise<Uint8Array | string | undefined> {
  try {
    await using file = await open(path, "r");
    const buffer = Buffer.alloc(MAX_USER_DATA_BYTES + 1);
    let size = 0;
    while (size < buffer.length) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, null);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return size > MAX_USER_DATA_BYTES ? `must have ${MAX_USER_DATA_BYTES} bytes at most` : buffer.subarray(0, size);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    return `cannot be read: ${cause.message}`;
  }
}
