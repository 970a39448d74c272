/**
 * Overlays: what somebody adds to a variant's image without touching the source. A folder with package definitions as in
 * `os/packages` (NAME/package.json, NAME/rootfs/); an `entry.ts` beside them takes the place of `bin/host.ts` as what the
 * host executable is compiled from, to give it further programs.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Fault } from "../base/result.ts";

export type Overlay = {
  readonly name: string;
  readonly folder: string;
  /** Names of its package definitions, sorted. */
  readonly packages: readonly string[];
  readonly entry: string | undefined;
};

/** Looks at the folders. Throws `Fault("overlay-invalid")` for one that is missing or has no definition. */
export async function readOverlays(folders: readonly string[]): Promise<readonly Overlay[]> {
  const overlays = await Promise.all(folders.map(readOverlay));
  const entries = overlays.filter(({ entry }) => entry !== undefined);
  if (entries.length > 1) {
    const names = entries.map(({ name }) => `"${name}"`).join(", ");
    throw new Fault("overlay-invalid", `Cannot use ${names} together: one overlay at most may have an entry.ts`);
  }
  return overlays;
}

async function readOverlay(given: string): Promise<Overlay> {
  const folder = resolve(given);
  let names: readonly string[];
  try {
    const found = await readdir(folder, { withFileTypes: true });
    names = found.filter((each) => each.isDirectory()).map((each) => each.name);
  } catch (cause) {
    throw Fault.from("overlay-invalid", `Cannot read the overlay "${given}"`, cause);
  }
  const packages = names.filter((name) => existsSync(join(folder, name, "package.json"))).toSorted();
  const entry = join(folder, "entry.ts");
  if (packages.length === 0) {
    throw new Fault("overlay-invalid", `Cannot use the overlay "${given}": no folder in it has a package.json`);
  }
  return { name: basename(folder), folder, packages, entry: existsSync(entry) ? entry : undefined };
}
