/**
 * The disk of a machine: a sparse copy of the image that is the machine's own from then on, so that a rebuilt image
 * never changes a machine under its feet. It appears under its name only when it is complete.
 */
import { copyFile, mkdtemp, open, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Fault, orThrow } from "../base/result.ts";
import { run } from "../base/run.ts";
import { ephemeralFile, files } from "./paths.ts";

export type DiskOptions = {
  readonly folder: string;
  readonly image: string;
  readonly firmwareVars: string;
  /** Size of the disk; undefined leaves that of the image. */
  readonly bytes?: number | undefined;
  readonly signal?: AbortSignal;
};

const unfinished = ".new-";

/**
 * Makes disk and firmware variables anew; an earlier disk is replaced. The machine's record goes before its old disk
 * does, as a disk without a record counts as none: an interruption here never leaves a record of another disk.
 */
export async function createDisk(options: DiskOptions): Promise<void> {
  const { folder } = options;
  await removeUnfinished(folder);
  const making = await mkdtemp(join(folder, unfinished));
  try {
    const disk = join(making, files.disk);
    const vars = join(making, files.firmwareVars);
    const copy = ["cp", "--sparse=always", "--reflink=auto", options.image, disk] as const;
    orThrow(await run(copy, options.signal === undefined ? {} : { signal: options.signal }));
    if (options.bytes !== undefined) await growDisk(disk, options.bytes);
    await copyFile(options.firmwareVars, vars);
    options.signal?.throwIfAborted();
    // The disk last: where there is a disk, there are variables that belong to it.
    await rm(join(folder, files.record), { force: true });
    await rename(vars, join(folder, files.firmwareVars));
    await rename(disk, join(folder, files.disk));
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** What a killed process left of a disk that it was making. */
async function removeUnfinished(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(unfinished));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
}

/** Makes the files of ephemeral disks where they are not there in that size; with `fresh` they are empty afterwards. */
export async function placeEphemeralDisks(folder: string, sizes: readonly number[], fresh: boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    const at = Number(/^ephemeral-(\d+)\.raw$/.exec(name)?.[1] ?? -1);
    if (at >= 0 && (fresh || at >= sizes.length)) await rm(join(folder, name), { force: true });
  }
  for (const [at, bytes] of sizes.entries()) {
    const file = await open(join(folder, ephemeralFile(at)), "a", 0o600);
    await using _closed = file;
    if ((await file.stat()).size !== bytes) await file.truncate(0);
    await file.truncate(bytes);
  }
}

/** Grows a disk; the guest takes the room at its next boot. Throws when it would have to shrink. */
export async function growDisk(path: string, bytes: number): Promise<void> {
  const { size } = await stat(path);
  if (size > bytes) {
    throw new Fault("disk-too-small", `Cannot make the disk ${bytes} bytes: it has ${size}, and a disk only grows`);
  }
  if (size < bytes) await truncate(path, bytes);
}
