/**
 * Building an image, or finding the one that the present sources would give. The work is done in a folder of its own and
 * the finished folder appears under its name at once; an interrupted build leaves nothing.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, writeFileDurable } from "../base/durable.ts";
import type { Progress } from "../base/progress.ts";
import { assemble } from "./assemble.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { withLock } from "./lock-packages.ts";
import { readOverlays } from "./overlay.ts";
import { pruneImages, removeAbandoned } from "./prune.ts";
import type { KeyFiles } from "./signing/sign.ts";
import { buildFolder, refuseNewLock } from "./tools.ts";

export type BuildOptions = {
  readonly variant: string;
  /** Folders of overlays; see `overlay.ts`. */
  readonly overlays?: readonly string[] | undefined;
  /** The operator's own signing key; without one the image is signed with the development key. */
  readonly keys?: KeyFiles | undefined;
  readonly mirrorUrl?: string | undefined;
  /** Fail when a locked package is gone from the mirror, in place of resolving again. */
  readonly locked?: boolean | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
};

export type BuiltImage = {
  readonly name: string;
  readonly folder: string;
  /** The raw disk image. */
  readonly disk: string;
  readonly version: string;
  readonly variant: string;
  /** True when the image was there already. */
  readonly reused: boolean;
};

/** Where images are kept, each in a folder of its name. */
export const imagesFolder: string = join(buildFolder, "images");

/** The file in an image's folder that says which inputs it was made from; written last. */
const INPUTS_FILE = "inputs.sha256";

/** Builds the image of a variant, or finds the one that the present sources would give. */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { locked, mirrorUrl, signal, progress } = options;
  if (locked === true) await refuseNewLock();
  // Around all of it, as another lock makes another image, with another name.
  return withLock(() => buildOrFind(options), { locked, mirrorUrl, signal, say: (line) => progress.note(line) });
}

async function buildOrFind(options: BuildOptions): Promise<BuiltImage> {
  process.umask(0o022); // modes of new folders become part of the image
  const { variant } = options;
  const overlays = await readOverlays(options.overlays ?? []);
  const inputs = await readInputs(variant, overlays, options.keys);
  const name = [
    "sparkler",
    [variant, ...overlays.map((each) => each.name)].join("+"),
    "x86_64",
    inputs.version,
    inputs.build,
  ].join("-");
  const folder = join(imagesFolder, name);
  const image = { name, folder, disk: join(folder, `${name}.img`), version: inputs.version, variant };
  if (await isBuiltFrom(folder, inputs)) return { ...image, reused: true };
  await mkdir(imagesFolder, { recursive: true });
  await removeAbandoned(imagesFolder);
  const work = await mkdtemp(join(imagesFolder, `.building-${process.pid}-`));
  try {
    await mkdir(join(work, "out"));
    await assemble({ ...options, work, name, inputs, overlays });
    await finish(join(work, "out"), inputs);
    options.signal?.throwIfAborted();
    // Another build of the same inputs may have been faster; then its files are these.
    if (!(await isBuiltFrom(folder, inputs))) {
      await rm(folder, { recursive: true, force: true });
      await rename(join(work, "out"), folder);
      await syncFolder(imagesFolder);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await pruneImages(imagesFolder, name);
  return { ...image, reused: false };
}

/** All bytes are on the disk before the folder gets its name, so that after a power cut an image with a name is whole. */
async function finish(out: string, inputs: Inputs): Promise<void> {
  for (const file of await readdir(out)) {
    await using handle = await open(join(out, file), "r+");
    await handle.chmod(0o644);
    await handle.sync();
  }
  await writeFileDurable(join(out, INPUTS_FILE), `${inputs.digest}\n`);
}

async function isBuiltFrom(folder: string, inputs: Inputs): Promise<boolean> {
  if (!existsSync(folder)) return false;
  return (await readFile(join(folder, INPUTS_FILE), "utf8").catch(() => "")).trim() === inputs.digest;
}
