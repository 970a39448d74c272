/**
 * The lock file: for each named set of packages, every Debian package with version, pool path, size and SHA-256.
 * The hashes were read from indices whose signature apt has checked; whatever is downloaded later is held to them.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type LockFault = "lock-malformed";

export type LockedPackage = {
  readonly name: string;
  readonly version: string;
  /** Which archive of the mirror the pool path belongs to. */
  readonly archive: "main" | "security";
  /** Path below the archive's base address, starting with `pool/`. */
  readonly path: string;
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
};

export type Lock = { readonly suite: string; readonly sets: Readonly<Record<string, readonly LockedPackage[]>> };

/** One line for each package, sorted, so that a change of the lock reads well in a diff. */
export function formatLock(lock: Lock): string {
  const sets = Object.entries(lock.sets).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const body = sets.map(([name, packages]) => {
    const lines = packages
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((item) => `      ${JSON.stringify(item)}`);
    return `    ${JSON.stringify(name)}: [\n${lines.join(",\n")}\n    ]`;
  });
  return `{\n  "suite": ${JSON.stringify(lock.suite)},\n  "sets": {\n${body.join(",\n")}\n  }\n}\n`;
}

/** Reads a lock file's text; every malformed entry is named. */
export function parseLock(text: string): Result<Lock, LockFault> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return fail(Fault.from("lock-malformed", "Cannot read the package lock", cause));
  }
  const problems: string[] = [];
  const sets: Record<string, readonly LockedPackage[]> = {};
  const top = isRecord(value) ? value : {};
  if (!isRecord(top["sets"]) || typeof top["suite"] !== "string") problems.push(`"suite" and "sets" are wanted`);
  for (const [name, items] of Object.entries(isRecord(top["sets"]) ? top["sets"] : {})) {
    const list: readonly unknown[] = Array.isArray(items) ? items : [];
    sets[name] = list.filter(isLockedPackage);
    list.forEach((item, at) => {
      if (!isLockedPackage(item)) problems.push(`${name}[${at}] is not a locked package: ${JSON.stringify(item)}`);
    });
  }
  if (problems.length > 0) {
    return fail(new Fault("lock-malformed", `Cannot read the package lock: ${problems.join("; ")}`));
  }
  return ok({ suite: String(top["suite"]), sets });
}

/** What differs between two locks of a set, one sentence each: for people who must know what moved. */
export function describeMoves(from: readonly LockedPackage[], to: readonly LockedPackage[]): readonly string[] {
  const old = new Map(from.map((item) => [item.name, item.version]));
  const now = new Map(to.map((item) => [item.name, item.version]));
  const changed = [...now].flatMap(([name, version]) => {
    const before = old.get(name);
    if (before === undefined) return [`${name} ${version} is new`];
    return before === version ? [] : [`${name} moved from ${before} to ${version}`];
  });
  const gone = [...old].filter(([name]) => !now.has(name)).map(([name, version]) => `${name} ${version} is gone`);
  return [...changed, ...gone].toSorted();
}

function isLockedPackage(value: unknown): value is LockedPackage {
  if (!isRecord(value)) return false;
  const text = (key: string, form: RegExp): boolean => typeof value[key] === "string" && form.test(value[key]);
  return (
    text("name", /^[a-z0-9][a-z0-9+.-]+$/) &&
    text("version", /^[A-Za-z0-9.+:~-]+$/) &&
    text("archive", /^(main|security)$/) &&
    text("path", /^pool\/(?!.*\.\.)[A-Za-z0-9._~+%/-]+\.deb$/) &&
    text("sha256", /^[0-9a-f]{64}$/) &&
    Number.isSafeInteger(value["size"])
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
