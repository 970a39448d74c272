/**
 * The folder that every container has mounted so that `apiclient` runs in it, whatever its image is made of: the host
 * executable, the loader and the libraries that it needs, and a static launcher that puts them together. All but the
 * launcher are further names of files that the root has anyway (hard links), so that the folder costs next to nothing.
 */
import { chmod, copyFile, link, mkdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { Fault, orThrow } from "../../base/result.ts";
import { readElf } from "./elf.ts";
import { HOST_EXECUTABLE } from "./first-party.ts";
import type { Placed } from "./stage.ts";

/** The definition that asks for the folder. */
export const CLIENT = "client";

/** In the root; a container sees it as `/usr/local/lib/sparkler`, which the launcher knows. */
export const CLIENT_FOLDER = "usr/lib/sparkler/client";
const LOADER = "ld-linux-x86-64.so.2";
const LIBRARIES = "usr/lib/x86_64-linux-gnu";

/** Makes it in `tree`, where the rest of the root is already; `launcher` is the compiled one. */
export async function stageClient(tree: string, launcher: string): Promise<readonly Placed[]> {
  const folder = join(tree, CLIENT_FOLDER);
  await mkdir(folder, { recursive: true });
  const names = [
    ["sparkler-host", HOST_EXECUTABLE],
    ["ld.so", `${LIBRARIES}/${LOADER}`],
    ...(await neededBy(tree, HOST_EXECUTABLE)).map((name) => [name, `${LIBRARIES}/${name}`] as const),
  ] as const;
  for (const [name, path] of names) await link(await inTree(tree, path), join(folder, name));
  await copyFile(launcher, join(folder, "apiclient"));
  await chmod(join(folder, "apiclient"), 0o755);
  return [...names.map(([name]) => name), "apiclient"].map((name) => ({
    path: `${CLIENT_FOLDER}/${name}`,
    definition: CLIENT,
  }));
}

/** Names of all libraries that the program at `path` comes to, but for the loader, which is one as well. */
async function neededBy(tree: string, path: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const queue = [path];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const name of orThrow(readElf(await readFile(await inTree(tree, next)))).needed) {
      if (name === LOADER || found.has(name)) continue;
      found.add(name);
      queue.push(`${LIBRARIES}/${name}`);
    }
  }
  return [...found].toSorted();
}

/** The file itself, as a hard link to a symbolic one would lead nowhere from inside of a container. */
async function inTree(tree: string, path: string): Promise<string> {
  try {
    const [root, real] = await Promise.all([realpath(tree), realpath(join(tree, path))]);
    if (real.startsWith(`${root}/`)) return real;
  } catch (cause) {
    throw Fault.from("file-missing", `Cannot make the client folder: the root has no "${path}"`, cause);
  }
  throw new Fault("file-missing", `Cannot make the client folder: "${path}" leads out of the root`);
}
