/**
 * What the project itself puts into a root: the files beside each package definition (`rootfs/`), the links that enable
 * units, the names of the host executable, and os-release.
 */
import { chmod, copyFile, cp, lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Fault } from "../../base/result.ts";
import type { PackageDefinition } from "../definitions.ts";
import { listTree } from "./list-tree.ts";
import type { Placed } from "./stage.ts";
import { installLinks, type UnitLink, wantLinks } from "./units.ts";

/** Where the one executable of the host programs is; their names are links to it. */
export const HOST_EXECUTABLE = "usr/bin/sparkler-host";
const ADDON = "usr/lib/sparkler/peer.node";

export type FirstParty = {
  readonly definitions: readonly PackageDefinition[];
  /** Name of a definition → folder of its files. */
  readonly rootfs: ReadonlyMap<string, string>;
  /** The compiled host executable, and the add-on of its API server. */
  readonly executable: string;
  readonly addon: string;
  readonly osRelease: string;
};

/** Adds all of it below `tree` and returns every path with the definition that brought it. */
export async function stageFirstParty(tree: string, options: FirstParty): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const definition of options.definitions) {
    placed.push(...(await stageFiles(tree, options.rootfs.get(definition.name), definition.name)));
    for (const each of wantLinks(definition.wants ?? {})) placed.push(await stageLink(tree, each, definition.name));
    for (const program of definition.programs ?? []) {
      const link = { path: `usr/bin/${program}`, target: basename(HOST_EXECUTABLE) };
      placed.push(await stageLink(tree, link, definition.name));
    }
  }
  await copyFile(options.executable, join(tree, HOST_EXECUTABLE));
  await chmod(join(tree, HOST_EXECUTABLE), 0o755);
  await mkdir(dirname(join(tree, ADDON)), { recursive: true });
  await copyFile(options.addon, join(tree, ADDON));
  await chmod(join(tree, ADDON), 0o644);
  placed.push({ path: ADDON, definition: "settings" });
  await writeFile(join(tree, "usr/lib/os-release"), options.osRelease);
  const template = "usr/share/factory/etc";
  placed.push({ path: HOST_EXECUTABLE, definition: "host" }, { path: "usr/lib/os-release", definition: "release" });
  const links = [
    { path: `${template}/os-release`, target: "../usr/lib/os-release" },
    { path: `${template}/resolv.conf`, target: "../run/systemd/resolve/resolv.conf" },
    { path: "usr/lib/systemd/system/default.target", target: "multi-user.target" },
  ];
  for (const each of links) placed.push(await stageLink(tree, each, "release"));
  return placed;
}

async function stageFiles(tree: string, from: string | undefined, definition: string): Promise<readonly Placed[]> {
  if (from === undefined || !existsSync(from)) return [];
  const placed: Placed[] = [];
  for (const path of await listTree(from)) {
    const target = join(tree, path);
    if (existsSync(target))
      throw new Fault("file-clash", `Cannot place "${path}" of "${definition}": it is there already`);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(from, path), target, { verbatimSymlinks: true });
    if ((await lstat(target)).isFile()) await chmod(target, path.endsWith("/shadow") ? 0o600 : 0o644);
    placed.push({ path, definition });
    if (!/^usr\/lib\/systemd\/system\/[^/]+$/.test(path)) continue;
    const links = installLinks(basename(path), await readFile(target, "utf8"));
    for (const each of links) placed.push(await stageLink(tree, each, definition));
  }
  return placed;
}

async function stageLink(tree: string, link: UnitLink, definition: string): Promise<Placed> {
  const path = join(tree, link.path);
  await mkdir(dirname(path), { recursive: true });
  await symlink(link.target, path);
  return { path: link.path, definition };
}

export type Release = {
  readonly version: string;
  readonly variant: string;
  readonly build: string;
};

/** os-release(5), with the fields that the API's `/os` is made from. */
export function osReleaseText(release: Release): string {
  return [
    'NAME="Sparkler"',
    "ID=sparkler",
    `PRETTY_NAME="Sparkler ${release.version} (${release.variant})"`,
    `VERSION="${release.version} (${release.variant})"`,
    `VERSION_ID=${release.version}`,
    `VARIANT_ID=${release.variant}`,
    `BUILD_ID=${release.build}`,
    "",
  ].join("\n");
}
