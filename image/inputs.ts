/**
 * What an image is made from, as one digest: every source, definition, template and lock that can shape a byte of it,
 * overlays and the signing certificate included, and the commit that it is named after. Equal digests mean that building
 * again would give the same bytes.
 */
import { createHash } from "node:crypto";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { orThrow } from "../base/result.ts";
import { run } from "../base/run.ts";
import type { Overlay } from "./overlay.ts";
import { listTree } from "./root/list-tree.ts";
import type { KeyFiles } from "./signing/sign.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["api", "base", "bin", "boot", "containers", "disk", "image", "os", "settings", "updates"];
const FILES = ["package.json", "package-lock.json"];

export type Inputs = {
  readonly version: string;
  /** Twelve digits of the commit, with a piece of the digest behind a dot when files differ from it. */
  readonly build: string;
  /** The whole commit, `unknown` without git. */
  readonly commit: string;
  readonly digest: string;
};

const packageSchema: z.ZodType<{ readonly version: string }> = z.object({ version: z.string() });

/** Reads the inputs of `variant`. A checkout without git has the commit `unknown`. */
export async function readInputs(variant: string, overlays: readonly Overlay[] = [], keys?: KeyFiles): Promise<Inputs> {
  const hash = createHash("sha256").update(`${variant}\n${process.versions["bun"] ?? ""}\n`);
  for (const path of await sources()) await add(path, join(repository, path));
  for (const { name, folder } of overlays) {
    for (const path of await listTree(folder)) await add(`overlay ${name} ${path}`, join(folder, path));
  }
  if (keys !== undefined) await add("certificate", keys.certificate);
  const commit = await git("rev-parse", "HEAD");
  const changed = commit === undefined ? "" : await git("status", "--porcelain", "--", ...FOLDERS, ...FILES);
  const digest = hash.update(commit ?? "unknown").digest("hex");
  const { version } = packageSchema.parse(JSON.parse(await readFile(join(repository, "package.json"), "utf8")));
  const plain = commit !== undefined && changed === "" && overlays.length === 0 && keys === undefined;
  const short = commit?.slice(0, 12) ?? "unknown";
  return { version, commit: commit ?? "unknown", build: plain ? short : `${short}.${digest.slice(0, 8)}`, digest };

  async function add(name: string, path: string): Promise<void> {
    hash.update(`${name}\0`);
    // A link goes into the image as a link: what it says counts, not what lies behind it.
    hash.update((await lstat(path)).isSymbolicLink() ? `link\0${await readlink(path)}` : await readFile(path));
  }
}

/** Paths of every file that can shape an image, sorted; tests cannot. */
async function sources(): Promise<readonly string[]> {
  const lists = FOLDERS.map(async (folder) => {
    const paths = await listTree(join(repository, folder)).catch(() => []);
    return paths
      .filter((path) => !path.endsWith(".test.ts") && !path.endsWith(".md"))
      .map((path) => `${folder}/${path}`);
  });
  return [...(await Promise.all(lists)).flat(), ...FILES].toSorted((a, b) => (a < b ? -1 : 1));
}

async function git(...args: readonly string[]): Promise<string | undefined> {
  const ran = await run(["/usr/bin/git", ...args], { cwd: repository });
  return ran.ok ? orThrow(ran).stdout.trim() : undefined;
}
