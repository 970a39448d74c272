/**
 * Downloading locked packages into a cache named by content: apt's own transport does it and holds every file to its
 * SHA-256, then the file takes its final name. What is in the cache is whole; an interrupted run keeps what it has.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { type Apt, environment } from "./apt.ts";
import type { LockedPackage } from "./lock.ts";

/** `package-gone`: the mirror has the package no more, because a newer version took its place. */
export type FetchFault = "download-failed" | "package-gone";

/** Called after each batch with the bytes that are there and the bytes wanted in all. */
export type FetchProgress = (doneBytes: number, totalBytes: number) => void;

/** apt-helper takes several files in one run; small batches make progress visible and lose little when interrupted. */
const BATCH = 8;

/** Where the package file of `item` lies in `cache`. */
export function packageFile(cache: string, item: LockedPackage): string {
  return join(cache, `${item.name}_${item.sha256.slice(0, 16)}.deb`);
}

/** Downloads what is missing. Throws a `Fault<FetchFault>` that names the files that could not be had. */
export async function fetchPackages(
  apt: Apt,
  cache: string,
  packages: readonly LockedPackage[],
  options: { readonly progress?: FetchProgress; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const partial = join(cache, "partial");
  await mkdir(partial, { recursive: true });
  const missing: LockedPackage[] = [];
  for (const item of packages) if (!(await isThere(packageFile(cache, item)))) missing.push(item);
  const total = sumSizes(missing);
  for (let at = 0; at < missing.length; at += BATCH) {
    options.progress?.(sumSizes(missing.slice(0, at)), total);
    await fetchBatch(apt, cache, missing.slice(at, at + BATCH), options.signal);
  }
  options.progress?.(total, total);
}

async function fetchBatch(
  apt: Apt,
  cache: string,
  batch: readonly LockedPackage[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const parts = batch.map((item) => ({ item, path: join(cache, "partial", `${item.sha256}.${process.pid}`) }));
  const triples = parts.flatMap(({ item, path }) => [addressOf(apt, item), path, `SHA256:${item.sha256}`]);
  const ran = await run(["/usr/lib/apt/apt-helper", "download-file", ...triples], {
    env: environment(apt),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!ran.ok) {
    await keepWhole(cache, parts);
    const names = batch.map((item) => `${item.name} ${item.version}`).join(", ");
    const code: FetchFault = /\b404 +Not Found\b/.test(ran.fault.message) ? "package-gone" : "download-failed";
    throw Fault.from(code, `Cannot download one of ${names}`, ran.fault);
  }
  for (const { item, path } of parts) await rename(path, packageFile(cache, item));
}

type Part = { readonly item: LockedPackage; readonly path: string };

/** After a failure or an interruption: what came whole takes its name, the rest goes. */
async function keepWhole(cache: string, parts: readonly Part[]): Promise<void> {
  for (const { item, path } of parts) {
    const bytes = await readFile(path).catch(() => undefined); // mostly it had not begun
    const sum = bytes === undefined ? "" : createHash("sha256").update(bytes).digest("hex");
    if (sum === item.sha256) await rename(path, packageFile(cache, item));
    else await rm(path, { force: true });
    await rm(`${path}.FAILED`, { force: true }); // apt's name for a file with another sum
  }
}

function addressOf(apt: Apt, item: LockedPackage): string {
  return `${apt.mirror[item.archive]}/${item.path}`;
}

function sumSizes(packages: readonly LockedPackage[]): number {
  return packages.reduce((sum, item) => sum + item.size, 0);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
