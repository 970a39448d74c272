/**
 * `sparkler image lock`: resolves every package set anew, says what moved, and writes the lock.
 */
import { readFile } from "node:fs/promises";
import { writeFileDurable } from "../base/durable.ts";
import { orThrow } from "../base/result.ts";
import { resolvePackages, updateIndices } from "./debian/apt.ts";
import { describeMoves, formatLock, type Lock, type LockedPackage, parseLock } from "./debian/lock.ts";
import { debianPackages } from "./debian-packages.ts";
import { readDefinitions } from "./definitions.ts";
import { toolSets } from "./tool-sets.ts";
import { lockPath, openApt, osFolder, SUITE } from "./tools.ts";

/** Every variant there is; each has a set of its own in the lock. */
const VARIANTS = ["qemu-dev"];

export type Relock = { readonly lock: Lock; readonly moves: readonly string[] };

/** Resolves all sets against the mirror's present indices and writes the lock file. */
export async function lockPackages(mirrorUrl?: string, signal?: AbortSignal): Promise<Relock> {
  const apt = await openApt(mirrorUrl);
  await updateIndices(apt, signal);
  const sets: Record<string, readonly LockedPackage[]> = {};
  for (const [name, set] of Object.entries(toolSets)) sets[name] = orThrow(await resolvePackages(apt, set.packages));
  for (const variant of VARIANTS) {
    const { packages } = orThrow(await readDefinitions(osFolder, variant));
    sets[`image-${variant}`] = orThrow(await resolvePackages(apt, debianPackages(packages)));
  }
  const old = parseLock(await readFile(lockPath, "utf8").catch(() => ""));
  const before = old.ok ? old.value.sets : {};
  const moves = Object.entries(sets).flatMap(([name, packages]) =>
    describeMoves(before[name] ?? [], packages).map((move) => `${name}: ${move}`),
  );
  const lock = { suite: SUITE, sets };
  await writeFileDurable(lockPath, formatLock(lock));
  return { lock, moves };
}
