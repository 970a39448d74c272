/**
 * The kernel and its modules in an image: only the modules that definitions name, with what those depend on. They are
 * stored uncompressed (the file system compresses, and init can load them without a decompressor).
 */
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault, orThrow } from "../../base/result.ts";
import type { PackageDefinition } from "../definitions.ts";
import { type BuildTools, runTool } from "../format/build-tools.ts";
import { orderModules } from "./modules.ts";
import type { UnpackedPackage } from "./select.ts";
import type { Placed } from "./stage.ts";

export type Kernel = {
  readonly release: string;
  /** The kernel image, a path on the building machine. */
  readonly image: string;
  /** Modules for the initramfs in loading order, as paths below the work folder. */
  readonly initramfs: readonly string[];
  /** The modules that went into the root. */
  readonly placed: readonly Placed[];
};

/** Copies the wanted modules below `tree` and `early` (both below the work folder) and indexes those of `tree`. */
export async function stageKernel(
  tools: BuildTools,
  definitions: readonly PackageDefinition[],
  unpacked: readonly UnpackedPackage[],
  folders: { readonly tree: string; readonly early: string },
): Promise<Kernel> {
  const source = unpacked.find((each) => each.paths.some((path) => path.startsWith("boot/vmlinuz-")));
  const image = source?.paths.find((path) => path.startsWith("boot/vmlinuz-"));
  if (source === undefined || image === undefined)
    throw new Fault("file-missing", "Cannot find a kernel in the packages");
  const release = basename(image).slice("vmlinuz-".length);
  const below = `usr/lib/modules/${release}`;
  const index = join(tools.work, "module-index", below);
  await copyModules(
    source,
    below,
    index,
    source.paths.filter((path) => path.startsWith(`${below}/kernel/`)),
  );
  await copyLists(source, below, index);
  await runTool(tools, [
    "/usr/sbin/depmod",
    "--basedir",
    "/work/module-index",
    "--moduledir",
    "/usr/lib/modules",
    release,
  ]);
  const dependencies = await readFile(join(index, "modules.dep"), "utf8");
  const builtin = await readFile(join(index, "modules.builtin"), "utf8");
  const wanted = (which: "initramfs" | "root"): readonly string[] =>
    definitions.flatMap((each) => each.modules?.[which] ?? []);
  const early = orThrow(orderModules(dependencies, builtin, wanted("initramfs")));
  const late = orThrow(orderModules(dependencies, builtin, [...wanted("initramfs"), ...wanted("root")]));
  const inTree = await decompressed(tools, index, late, join(folders.tree, below));
  await copyLists(source, below, join(tools.work, folders.tree, below));
  await runTool(tools, [
    "/usr/sbin/depmod",
    "--basedir",
    `/work/${folders.tree}`,
    "--moduledir",
    "/usr/lib/modules",
    release,
  ]);
  const initramfs = await decompressed(tools, index, early, join(folders.early, "modules"));
  await rm(join(tools.work, "module-index"), { recursive: true });
  if (inTree.length === 0) throw new Fault("module-missing", "Cannot build an image without kernel modules");
  const from = { definition: "kernel", debian: source.name, version: source.version };
  const placed = inTree.map((path) => ({ path: path.slice(folders.tree.length + 1), ...from }));
  return { release, image: join(source.root, image), initramfs, placed };
}

async function copyModules(
  source: UnpackedPackage,
  below: string,
  to: string,
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    const target = join(to, path.slice(below.length + 1));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(source.root, path), target);
  }
}

async function copyLists(source: UnpackedPackage, below: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of ["modules.order", "modules.builtin", "modules.builtin.modinfo"]) {
    await copyFile(join(source.root, below, name), join(to, name));
  }
}

/** Unpacks each module below `to` under the same folders and returns the paths below the work folder. */
async function decompressed(
  tools: BuildTools,
  index: string,
  modules: readonly string[],
  to: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const module of modules) {
    const path = join(to, module.replace(/\.xz$/, ""));
    await mkdir(dirname(join(tools.work, path)), { recursive: true });
    const from = `/work/${join(index, module).slice(tools.work.length + 1)}`;
    const { stdoutBytes } = await runTool(tools, ["/usr/bin/xz", "--decompress", "--stdout", from]);
    await writeFile(join(tools.work, path), stdoutBytes);
    paths.push(path);
  }
  return paths;
}
