/**
 * Building an image, or finding the one that the present sources would give. The work is done in a folder of its own and
 * the finished folder appears under its name at once; an interrupted build leaves nothing.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { assemble } from "./assemble.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { readOverlays } from "./overlay.ts";
import { pruneImages, removeAbandoned } from "./prune.ts";
import type { KeyFiles } from "./signing/sign.ts";
import { buildFolder } from "./tools.ts";

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
  process.umask(0o022); // modes of new folders become part of the image
  await mkdir(imagesFolder, { recursive: true });
  await removeAbandoned(imagesFolder);
  const work = await mkdtemp(join(imagesFolder, `.building-${process.pid}-`));
  try {
    await mkdir(join(work, "out"));
    await assemble({ ...options, work, name, inputs, overlays });
    await writeFile(join(work, "out", INPUTS_FILE), `${inputs.digest}\n`);
    options.signal?.throwIfAborted();
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, "out"), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await pruneImages(imagesFolder, name);
  return { ...image, reused: false };
}

async function isBuiltFrom(folder: string, inputs: Inputs): Promise<boolean> {
  if (!existsSync(folder)) return false;
  return (await readFile(join(folder, INPUTS_FILE), "utf8").catch(() => "")).trim() === inputs.digest;
}
