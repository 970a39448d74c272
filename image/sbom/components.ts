/**
 * The third-party parts of an image, as both documents list them: name, version, digest and package URL
 * (purl specification, types `deb` and `npm`).
 */
import { z } from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { LockedPackage } from "../debian/lock.ts";

export type Component = {
  readonly kind: "debian" | "npm";
  readonly name: string;
  readonly version: string;
  readonly digest: { readonly algorithm: "sha256" | "sha512"; readonly hex: string };
  /** Of the package's own, as an SPDX licence expression; undefined when nothing here says. */
  readonly licence?: string | undefined;
};

export type ComponentFault = "npm-lock-malformed";

/** The runtime of x86_64, which is the first-party executable's base. */
const RUNTIME = "@oven/bun-linux-x64";

/** The locked packages, sorted; with `used`, only those of them: a lock also holds what gives no file to the image. */
export function debianComponents(locked: readonly LockedPackage[], used?: ReadonlySet<string>): readonly Component[] {
  return locked
    .filter((each) => used === undefined || used.has(each.name))
    .map(({ name, version, sha256 }): Component => ({
      kind: "debian",
      name,
      version,
      digest: { algorithm: "sha256", hex: sha256 },
    }))
    .toSorted(byName);
}

const npmLock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/**
 * The packages `names` as the text of a package-lock.json (version 3) has them; names every one that it lacks. By default
 * those that are compiled in: the runtime, and the project's own dependencies but for those of development.
 */
export function npmComponents(
  lockText: string,
  names?: readonly string[],
): Result<readonly Component[], ComponentFault> {
  const action = "Cannot read package-lock.json";
  let value: unknown;
  try {
    value = JSON.parse(lockText);
  } catch (cause) {
    return fail(Fault.from("npm-lock-malformed", action, cause));
  }
  const lock = npmLock.safeParse(value);
  if (!lock.success) return fail(Fault.from("npm-lock-malformed", action, lock.error));
  const problems: string[] = [];
  const compiledIn = [RUNTIME, ...Object.keys(lock.data.packages[""]?.dependencies ?? {})];
  const found = (names ?? compiledIn).flatMap((name): readonly Component[] => {
    const entry = lock.data.packages[`node_modules/${name}`];
    const [, base64] = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(entry?.integrity ?? "") ?? [];
    if (entry?.version === undefined || base64 === undefined) {
      problems.push(`"${name}" has no version with a SHA-512 integrity`);
      return [];
    }
    const hex = Buffer.from(base64, "base64").toString("hex");
    return [
      { kind: "npm", name, version: entry.version, digest: { algorithm: "sha512", hex }, licence: entry.license },
    ];
  });
  if (problems.length > 0) return fail(new Fault("npm-lock-malformed", `${action}: ${problems.join("; ")}`));
  return ok(found.toSorted(byName));
}

/** The package URL: what scanners look packages up by. */
export function purl({ kind, name, version }: Component): string {
  const path = name.split("/").map(encode).join("/");
  return kind === "npm" ? `pkg:npm/${path}@${encode(version)}` : `pkg:deb/debian/${path}@${encode(version)}?arch=amd64`;
}

/** Percent-encoding as purl wants it: all but letters, digits, `.`, `-`, `_`, `~` and the colon. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%3A", ":")
    .replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function byName(a: Component, b: Component): number {
  return a.name < b.name ? -1 : 1;
}
