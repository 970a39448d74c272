/**
 * Laying out the root folder of an image: selected files are copied, libraries they need are followed and added,
 * setuid and setgid bits are dropped, account files are written into the template of /etc. The folder appears whole.
 */
import { chmod, cp, lstat, mkdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Fault, orThrow } from "../../base/result.ts";
import type { PackageDefinition } from "../definitions.ts";
import { groupFile, passwdFile } from "./accounts.ts";
import { isElf, readElf } from "./elf.ts";
import { findLibrary, type Selected, selectFiles, type UnpackedPackage } from "./select.ts";

/** A file of the root with what brought it. */
export type Placed = {
  readonly path: string;
  /** The package definition. */
  readonly definition: string;
  /** The Debian package it was taken from, with its version. */
  readonly debian?: string | undefined;
  readonly version?: string | undefined;
};

/** Folders that must be there to be mounted over, or because a link points through them. */
const FOLDERS = [
  "dev",
  "etc",
  "local",
  "mnt",
  "opt",
  "proc",
  "root",
  "run",
  "srv",
  "sys",
  "tmp",
  "var",
  "usr/share/factory/etc",
];
const MERGED = { bin: "usr/bin", sbin: "usr/sbin", lib: "usr/lib", lib64: "usr/lib64" };

/**
 * Makes the root below `target` (which must not exist) and returns what went in and why. `programs` are our own
 * executables on the building machine, whose libraries are wanted as well.
 */
export async function stageRoot(
  target: string,
  definitions: readonly PackageDefinition[],
  unpacked: readonly UnpackedPackage[],
  programs: readonly string[] = [],
): Promise<readonly Selected[]> {
  await mkdir(target, { recursive: false });
  for (const folder of FOLDERS) await mkdir(join(target, folder), { recursive: true });
  for (const [name, to] of Object.entries(MERGED)) {
    await mkdir(join(target, to), { recursive: true });
    await symlink(to, join(target, name));
  }
  const placed = new Map<string, Selected>();
  const queue = [...orThrow(selectFiles(definitions, unpacked))];
  for (const program of programs) queue.push(...libraries(program, await readFile(program), unpacked));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (placed.has(next.path)) continue;
    placed.set(next.path, next);
    await copyOne(target, next);
    queue.push(...(await followers(next, unpacked)));
  }
  const template = join(target, "usr/share/factory/etc");
  await writeFile(join(template, "passwd"), passwdFile(definitions));
  await writeFile(join(template, "group"), groupFile(definitions));
  return [...placed.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function copyOne(target: string, item: Selected): Promise<void> {
  const to = join(target, item.path);
  await mkdir(dirname(to), { recursive: true });
  await cp(join(item.root, item.path), to, { verbatimSymlinks: true });
  const made = await lstat(to);
  if (!made.isSymbolicLink()) await chmod(to, (made.mode & 0o111) === 0 ? 0o644 : 0o755);
}

/** What comes in because `item` did: a link's target, an ELF file's libraries. */
async function followers(item: Selected, unpacked: readonly UnpackedPackage[]): Promise<readonly Selected[]> {
  const path = join(item.root, item.path);
  if ((await lstat(path)).isSymbolicLink()) {
    const to = await readlink(path);
    const target = to.startsWith("/") ? to.slice(1) : normalize(join(dirname(item.path), to));
    const source = unpacked.find((each) => each.paths.includes(target));
    if (source === undefined)
      throw new Fault("file-missing", `Cannot follow the link "${item.path}": no package has "${target}"`);
    return [{ path: target, debian: source.name, definition: item.definition, root: source.root }];
  }
  const bytes = await readFile(path);
  return isElf(bytes) ? libraries(item.path, bytes, unpacked) : [];
}

function libraries(path: string, bytes: Uint8Array, unpacked: readonly UnpackedPackage[]): readonly Selected[] {
  return orThrow(readElf(bytes)).needed.map((name) => {
    const library = findLibrary(name, unpacked);
    if (library !== undefined) return library;
    throw new Fault("file-missing", `Cannot stage "${path}": no package has the library "${name}" that it needs`);
  });
}
