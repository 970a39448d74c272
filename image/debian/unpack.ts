/**
 * Unpacking package files into a root folder: dpkg-deb extracts the files, as the calling user; no maintainer script
 * runs. A tree appears under its final name only when it is whole.
 */
import { createHash } from "node:crypto";
import { lstat, mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { packageFile } from "./fetch.ts";
import type { LockedPackage } from "./lock.ts";

/** The merged-/usr links that Debian's base-files makes; packages ship below /usr only, or go through these. */
const MERGED = ["bin", "sbin", "lib", "lib64"];

/** A name for the tree that `packages` unpack to: changes with any of their hashes. */
export function treeId(packages: readonly LockedPackage[]): string {
  const hash = createHash("sha256");
  for (const sum of packages.map((item) => item.sha256).toSorted()) hash.update(sum);
  return hash.digest("hex").slice(0, 16);
}

/** Unpacks all of `packages` below `folder`/TREE-ID unless it is there already, and returns that path. */
export async function unpackTree(
  cache: string,
  folder: string,
  packages: readonly LockedPackage[],
  progress: (done: number, total: number) => void = () => {},
): Promise<string> {
  const target = join(folder, treeId(packages));
  if (
    await lstat(target).then(
      () => true,
      () => false,
    )
  )
    return target;
  const half = `${target}.part-${process.pid}`;
  await rm(half, { recursive: true, force: true });
  try {
    for (const name of MERGED) {
      await mkdir(join(half, "usr", name), { recursive: true });
      await symlink(`usr/${name}`, join(half, name));
    }
    for (const name of ["dev", "proc", "sys", "tmp", "run", "etc", "work", "var/tmp"]) {
      await mkdir(join(half, name), { recursive: true });
    }
    for (const [at, item] of packages.entries()) {
      progress(at, packages.length);
      orThrow(await run(["/usr/bin/dpkg-deb", "--extract", packageFile(cache, item), half]));
    }
    await rename(half, target);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return target;
}
