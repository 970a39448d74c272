/** The lock of Debian packages: resolving every set anew, and saying what moved. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurable } from "../base/durable.ts";
import { Fault, orThrow } from "../base/result.ts";
import { containerNames, lockSetName, packagesOf, readContainer } from "./containers/definition.ts";
import { resolvePackages, updateIndices } from "./debian/apt.ts";
import { describeMoves, formatLock, type Lock, type LockedPackage, parseLock } from "./debian/lock.ts";
import { debianPackages } from "./debian-packages.ts";
import { readDefinitions, variantNames } from "./definitions.ts";
import { toolSets } from "./tool-sets.ts";
import { lockPath, newLockHead, newLockPath, openApt, osFolder, SUITE } from "./tools.ts";

export type Relock = { readonly lock: Lock; readonly moves: readonly string[] };

/** Resolves all sets against the mirror's present indices and writes the lock file. */
export async function lockPackages(mirrorUrl?: string, signal?: AbortSignal): Promise<Relock> {
  const made = await resolveAll(mirrorUrl, signal);
  await writeFileDurable(lockPath, formatLock(made.lock));
  await rm(newLockPath, { force: true });
  return made;
}

/** The same, but the committed lock stays: the new one lies beside it and is used until the committed one changes. */
export async function lockBeside(mirrorUrl?: string, signal?: AbortSignal): Promise<Relock> {
  const made = await resolveAll(mirrorUrl, signal);
  const head = newLockHead(await readFile(lockPath, "utf8"));
  await writeFileDurable(newLockPath, formatLock(made.lock).replace("{\n", head));
  return made;
}

async function resolveAll(mirrorUrl?: string, signal?: AbortSignal): Promise<Relock> {
  const apt = await openApt(mirrorUrl);
  await updateIndices(apt, signal);
  const sets: Record<string, readonly LockedPackage[]> = {};
  for (const [name, set] of Object.entries(toolSets)) sets[name] = orThrow(await resolvePackages(apt, set.packages));
  for (const variant of await variantNames(osFolder)) {
    const { packages } = orThrow(await readDefinitions(osFolder, variant));
    sets[`image-${variant}`] = orThrow(await resolvePackages(apt, debianPackages(packages)));
  }
  const containers = join(osFolder, "containers");
  for (const name of await containerNames(containers)) {
    const definition = orThrow(await readContainer(containers, name)).at(-1);
    const names = definition === undefined ? [] : packagesOf(definition);
    if (names.length > 0) sets[lockSetName(name)] = orThrow(await resolvePackages(apt, names));
  }
  const old = parseLock(await readFile(lockPath, "utf8").catch(() => ""));
  const before = old.ok ? old.value.sets : {};
  const moves = Object.entries(sets).flatMap(([name, packages]) =>
    describeMoves(before[name] ?? [], packages).map((move) => `${name}: ${move}`),
  );
  return { lock: { suite: SUITE, sets }, moves };
}

export type WithLockOptions = {
  readonly mirrorUrl?: string | undefined;
  /** Only the committed lock will do. */
  readonly locked?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears which packages moved. */
  readonly say: (line: string) => void;
  /** Makes the new lock and says what moved; `lockBeside` unless a test has its own. */
  readonly relock?: ((mirrorUrl?: string, signal?: AbortSignal) => Promise<Pick<Relock, "moves">>) | undefined;
};

/**
 * Does work that needs locked packages. Where one is gone from the mirror, all are resolved again and the work is done
 * anew with the new lock; with `locked` that is a failure.
 */
export async function withLock<T>(work: () => Promise<T>, options: WithLockOptions): Promise<T> {
  const { locked, mirrorUrl, signal, say, relock = lockBeside } = options;
  try {
    return await work();
  } catch (thrown) {
    if (locked === true || !(thrown instanceof Fault) || thrown.code !== "package-gone") throw thrown;
    say(`${thrown.message}; resolving again`);
    const { moves } = await relock(mirrorUrl, signal);
    for (const move of moves) say(move);
    say(`The new lock is ${newLockPath}; "sparkler image lock" makes it the committed one`);
    return work();
  }
}
