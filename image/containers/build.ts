/**
 * Building a container image, or finding the one that the present sources would give: an OCI layout below
 * build/images/containers, and the same as a merged tree for roots that carry it. No Docker, no root, no maintainer
 * scripts. A folder appears under its name only when it is whole.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syncFolder } from "../../base/durable.ts";
import { orThrow } from "../../base/result.ts";
import { compileStatic } from "../boot-programs.ts";
import type { BuildTools } from "../format/build-tools.ts";
import { removeAbandoned } from "../prune.ts";
import { sha256 } from "../digest.ts";
import type { UnpackedPackage } from "../root/select.ts";
import type { Placed } from "../root/stage.ts";
import { buildFolder, osFolder, type PackageOptions, toolRoot, unpackSet } from "../tools.ts";
import { compressLayer } from "./compress.ts";
import { type ContainerDefinition, lockSetName, packagesOf, readContainer } from "./definition.ts";
import { type Layer, mergeLayers, type Source } from "./entry.ts";
import { makeContainerErofs } from "./erofs.ts";
import { containerInputs } from "./inputs.ts";
import { layLayer } from "./lay.ts";
import { blobPath, LAYER_MEDIA, LAYOUT_FILE, LAYOUT_TEXT, makeDocuments, type WrittenLayer } from "./oci.ts";
import { writeTar } from "./tar.ts";

export const containersFolder: string = join(osFolder, "containers");
const programsFolder = fileURLToPath(new URL("programs/", import.meta.url));

/** Where finished images lie, each a folder of its name with an OCI layout. */
export const containerImagesFolder: string = join(buildFolder, "images", "containers");

/** Beside the layout: what it was made of, and the tree for roots. */
const INPUTS_FILE = "inputs.sha256";
const ABOUT_FILE = "about.json";
const TREE_FILE = "rootfs.erofs";

/** Where roots carry images, each a folder of its name with the tree and this file. */
const BUILT_IN = "usr/share/sparkler/containers";
const CONFIG_FILE = "config.json";

export type ContainerOptions = PackageOptions & {
  readonly name: string;
  /** Also as an EROFS file, for the root of a machine. */
  readonly builtIn?: boolean | undefined;
  /** Where results go; default the folder of container images. */
  readonly images?: string | undefined;
};

export type ContainerAbout = {
  /** Bytes of the compressed layers, the lowest first, with the definition each is of. */
  readonly layers: readonly { readonly definition: string; readonly bytes: number; readonly digest: string }[];
  readonly manifest: string;
  readonly config: string;
  /** Debian packages that gave a file. */
  readonly sources: readonly Source[];
};

export type BuiltContainer = {
  readonly name: string;
  /** The OCI layout. */
  readonly folder: string;
  readonly reused: boolean;
  readonly about: ContainerAbout;
};

/** The image that is there, if the present sources would give the same. */
export async function findContainer(
  options: Pick<ContainerOptions, "name" | "images" | "builtIn">,
): Promise<BuiltContainer | undefined> {
  const { name, images = containerImagesFolder, builtIn } = options;
  const folder = join(images, name);
  const inputs = await containerInputs(orThrow(await readContainer(containersFolder, name)), containersFolder);
  if (!(await isBuilt(folder, inputs, builtIn))) return undefined;
  return { name, folder, reused: true, about: await readAbout(folder) };
}

/** Builds the image `name` of os/containers where something changed. */
export async function buildContainer(options: ContainerOptions): Promise<BuiltContainer> {
  const found = await findContainer(options);
  if (found !== undefined) return found;
  const { name, images = containerImagesFolder } = options;
  const chain = orThrow(await readContainer(containersFolder, name));
  const inputs = await containerInputs(chain, containersFolder);
  const folder = join(images, name);
  await mkdir(images, { recursive: true });
  await removeAbandoned(images);
  const work = await mkdtemp(join(images, `.building-${process.pid}-`));
  try {
    const root = await toolRoot("build", options);
    const tools: BuildTools = { root, work, ...(options.signal === undefined ? {} : { signal: options.signal }) };
    const layers = await layAll(tools, chain, options);
    await mkdir(join(work, "out/blobs/sha256"), { recursive: true });
    await writeLayout(tools, chain, layers);
    if (chain.at(-1)?.image !== undefined && options.builtIn === true) {
      await makeContainerErofs(tools, { name, layer: mergeLayers(layers), image: `out/${TREE_FILE}` });
    }
    await finish(join(work, "out"), inputs);
    options.signal?.throwIfAborted();
    // Another build of the same inputs may have been faster; then its files are these.
    if (!(await isBuilt(folder, inputs, options.builtIn))) {
      await rm(folder, { recursive: true, force: true });
      await rename(join(work, "out"), folder);
      await syncFolder(images);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { name, folder, reused: false, about: await readAbout(folder) };
}

/** Copies what the root `tree` carries of a built image: its merged tree, and its configuration. */
export async function placeBuiltIn({ name, folder, about }: BuiltContainer, tree: string): Promise<readonly Placed[]> {
  const target = `${BUILT_IN}/${name}`;
  await mkdir(join(tree, target), { recursive: true });
  await copyFile(join(folder, TREE_FILE), join(tree, target, TREE_FILE));
  await copyFile(join(folder, blobPath(about.config)), join(tree, target, CONFIG_FILE));
  return [TREE_FILE, CONFIG_FILE].map((file) => ({ path: `${target}/${file}`, definition: "containers" }));
}

/** Bytes of the tree that a root carries. */
export async function builtInSize({ folder }: BuiltContainer): Promise<number> {
  return (await stat(join(folder, TREE_FILE))).size;
}

async function layAll(
  tools: BuildTools,
  chain: readonly ContainerDefinition[],
  options: ContainerOptions,
): Promise<readonly Layer[]> {
  const layers: Layer[] = [];
  for (const [at, definition] of chain.entries()) {
    const unpacked: readonly UnpackedPackage[] =
      packagesOf(definition).length === 0 ? [] : await unpackSet(lockSetName(definition.name), options);
    const programs = new Map<string, string>();
    for (const [path, source] of Object.entries(definition.programs ?? {})) {
      const target = source.replace(/\.c$/, "");
      await compileStatic(tools, join(programsFolder, source), target);
      programs.set(path, join(tools.work, target));
    }
    const lower = mergeLayers(layers);
    layers.push(await layLayer({ chain: chain.slice(0, at + 1), lower, unpacked, folder: containersFolder, programs }));
  }
  return layers;
}

async function writeLayout(
  tools: BuildTools,
  chain: readonly ContainerDefinition[],
  layers: readonly Layer[],
): Promise<void> {
  const written: WrittenLayer[] = [];
  for (const [at, layer] of layers.entries()) written.push(await writeLayer(tools, layer, chain[at]?.name ?? ""));
  const top = chain.at(-1);
  if (top === undefined) throw new Error("an image without a definition");
  const out = join(tools.work, "out");
  const { config, manifest, index } = makeDocuments(top, written);
  for (const { digest, bytes } of [config, manifest]) await writeFile(join(out, blobPath(digest)), bytes);
  await writeFile(join(out, "index.json"), index);
  await writeFile(join(out, LAYOUT_FILE), LAYOUT_TEXT);
  const about: ContainerAbout = {
    layers: written.map(({ definition, size, digest }) => ({ definition, bytes: size, digest })),
    manifest: manifest.digest,
    config: config.digest,
    sources: sourcesOf(layers),
  };
  await writeFile(join(out, ABOUT_FILE), `${JSON.stringify(about, undefined, 2)}\n`);
}

async function writeLayer(tools: BuildTools, layer: Layer, definition: string): Promise<WrittenLayer> {
  const archive = join(tools.work, "layer.tar");
  const hash = createHash("sha256");
  await writeTar(archive, layer, (bytes) => void hash.update(bytes));
  await compressLayer(tools, "layer.tar", "layer.tar.gz");
  await rm(archive);
  const blob = join(tools.work, "layer.tar.gz");
  const digest = `sha256:${await sha256(blob)}`;
  const { size } = await stat(blob);
  await rename(blob, join(tools.work, "out", blobPath(digest)));
  return { mediaType: LAYER_MEDIA, digest, size, diffId: `sha256:${hash.digest("hex")}`, definition };
}

function sourcesOf(layers: readonly Layer[]): readonly Source[] {
  const found = new Map<string, Source>();
  for (const { source } of mergeLayers(layers).values()) if (source !== undefined) found.set(source.debian, source);
  return [...found.values()].toSorted((a, b) => (a.debian < b.debian ? -1 : 1));
}

/** All bytes are on the disk before the folder gets its name. */
async function finish(out: string, inputs: string): Promise<void> {
  await writeFile(join(out, INPUTS_FILE), `${inputs}\n`);
  for await (const path of new Bun.Glob("**").scan({ cwd: out })) {
    await using handle = await open(join(out, path), "r+");
    await handle.chmod(0o644);
    await handle.sync();
  }
}

async function isBuilt(folder: string, inputs: string, builtIn = false): Promise<boolean> {
  if (builtIn && !existsSync(join(folder, TREE_FILE))) return false;
  return (await readFile(join(folder, INPUTS_FILE), "utf8").catch(() => "")).trim() === inputs;
}

async function readAbout(folder: string): Promise<ContainerAbout> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this builder wrote the file, under a digest of its own sources
  return JSON.parse(await readFile(join(folder, ABOUT_FILE), "utf8")) as ContainerAbout;
}
