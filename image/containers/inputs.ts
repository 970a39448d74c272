/** What a container image is made from, as one digest: definitions, their files, the builder, and the locked packages. */
import { createHash } from "node:crypto";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listTree } from "../root/list-tree.ts";
import { readLock } from "../tools.ts";
import { type ContainerDefinition, lockSetName } from "./definition.ts";

const image = fileURLToPath(new URL("..", import.meta.url));
/** Parts of the builder that shape a container image, below image/. */
const BUILDER = ["containers", "debian", "format", "root"];
const FILES = ["boot-programs.ts", "sandbox.ts", "tools.ts"];

/** Equal digests mean that building again would give the same bytes. */
export async function containerInputs(chain: readonly ContainerDefinition[], folder: string): Promise<string> {
  const hash = createHash("sha256").update(`${process.versions["bun"] ?? ""}\n`);
  const { sets } = await readLock();
  for (const set of ["build", ...chain.map(({ name }) => lockSetName(name))]) {
    hash.update(`${set}\n${(sets[set] ?? []).map(({ sha256 }) => sha256).join("\n")}\n`);
  }
  for (const part of BUILDER) {
    for (const path of await listTree(join(image, part))) {
      if (!path.endsWith(".test.ts")) await add(`${part}/${path}`, join(image, part, path));
    }
  }
  for (const path of FILES) await add(path, join(image, path));
  for (const { name } of chain) {
    for (const path of await listTree(join(folder, name))) await add(`${name}/${path}`, join(folder, name, path));
  }
  return hash.digest("hex");

  async function add(name: string, path: string): Promise<void> {
    const stat = await lstat(path);
    hash.update(`${name}\0${stat.mode & 0o100}\0`);
    hash.update(stat.isSymbolicLink() ? `link\0${await readlink(path)}` : await readFile(path));
  }
}
