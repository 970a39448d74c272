/**
 * From the lock to an unpacked tool root: what `npm start` sets up once, and every build step runs in.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault, orThrow } from "../base/result.ts";
import { type Apt, prepareApt } from "./debian/apt.ts";
import { fetchPackages } from "./debian/fetch.ts";
import { type Lock, type LockedPackage, parseLock } from "./debian/lock.ts";
import { type Mirror, mirrorFromUrl, readMirror } from "./debian/mirror.ts";
import { unpackTree } from "./debian/unpack.ts";
import type { UnpackedPackage } from "./root/select.ts";
import { listTree } from "./root/list-tree.ts";
import type { ToolSetName } from "./tool-sets.ts";

export const SUITE = "trixie";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** Everything the builder keeps outside of git; `build/` of the checkout. */
export const buildFolder: string = join(repository, "build");

/** Data of the image: package definitions, variants, lock. */
export const osFolder: string = join(repository, "os");

/** The committed lock. */
export const lockPath: string = join(osFolder, "packages.lock.json");

/** The private apt for the mirror that was given, or that the machine's own apt uses. */
export async function openApt(mirrorUrl?: string): Promise<Apt> {
  const mirror: Mirror = mirrorUrl === undefined ? orThrow(await readMirror()) : mirrorFromUrl(mirrorUrl);
  const apt = { folder: join(buildFolder, "cache", "apt"), mirror, suite: SUITE };
  await prepareApt(apt);
  return apt;
}

/** Written where a locked package is gone from the mirror; it counts as long as the lock is the one it was made for. */
export const newLockPath: string = join(osFolder, "packages.lock.new.json");

/** The committed lock, or the new one beside it. */
export async function readLock(): Promise<Lock> {
  return orThrow(parseLock((await lockBesideText()) ?? (await readFile(lockPath, "utf8"))));
}

/** Throws when the new lock would be used: a build that holds to the committed lock must not. */
export async function refuseNewLock(): Promise<void> {
  if ((await lockBesideText()) === undefined) return;
  throw new Fault("lock-renewed", `Cannot hold to the committed lock: "${newLockPath}" is in its place; remove it`);
}

async function lockBesideText(): Promise<string | undefined> {
  const beside = await readFile(newLockPath, "utf8").catch(() => undefined); // there mostly is none
  if (beside === undefined) return undefined;
  return beside.startsWith(newLockHead(await readFile(lockPath, "utf8"))) ? beside : undefined;
}

/** How a new lock begins that was made while `text` was the committed one. */
export function newLockHead(text: string): string {
  return `{\n  "inPlaceOf": "${createHash("sha256").update(text).digest("hex")}",\n`;
}

/** The locked packages of one set. Throws when the lock does not have it. */
export function lockedSet(lock: Lock, name: string): readonly LockedPackage[] {
  const packages = lock.sets[name];
  if (packages !== undefined) return packages;
  throw new Fault(
    "no-such-set",
    `Cannot find the package set "${name}" in the lock: it has ${Object.keys(lock.sets).join(", ")}`,
  );
}

/** The committed lock of the npm packages. */
export const packageLockPath: string = join(repository, "package-lock.json");

export type PackageOptions = {
  readonly mirrorUrl?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((detail: string) => void) | undefined;
};

/** The unpacked root of a tool set, downloaded and unpacked when it is not there yet. */
export async function toolRoot(name: ToolSetName, options: PackageOptions = {}): Promise<string> {
  const packages = lockedSet(await readLock(), name);
  const cache = join(buildFolder, "cache", "debs");
  const report = options.report ?? ((): void => {});
  await fetchPackages(await openApt(options.mirrorUrl), cache, packages, {
    progress: (done, total) => report(`${mib(done)} of ${mib(total)} MiB downloaded`),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return unpackTree(cache, join(buildFolder, "cache", "trees"), packages, (done, total) =>
    report(`${done} of ${total} packages unpacked`),
  );
}

/** The Debian packages of a variant's image, each unpacked to a folder of its own, so that every file has an owner. */
export async function unpackImageSet(
  variant: string,
  options: PackageOptions = {},
): Promise<readonly UnpackedPackage[]> {
  return unpackSet(`image-${variant}`, options);
}

/** The same for any set of the lock. */
export async function unpackSet(name: string, options: PackageOptions = {}): Promise<readonly UnpackedPackage[]> {
  const packages = lockedSet(await readLock(), name);
  const cache = join(buildFolder, "cache", "debs");
  const report = options.report ?? ((): void => {});
  await fetchPackages(await openApt(options.mirrorUrl), cache, packages, {
    progress: (done, total) => report(`${mib(done)} of ${mib(total)} MiB downloaded`),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const unpacked: UnpackedPackage[] = [];
  for (const item of packages) {
    const root = await unpackTree(cache, join(buildFolder, "cache", "packages"), [item]);
    unpacked.push({ name: item.name, version: item.version, root, paths: await listTree(root) });
    report(`${unpacked.length} of ${packages.length} packages unpacked`);
  }
  return unpacked;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
