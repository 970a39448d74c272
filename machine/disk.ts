/**
 * The disk of a machine: a sparse copy of the image that is the machine's own from then on, so that a rebuilt image
 * never changes a machine under its feet. It appears under its name only when it is complete.
 */
import { copyFile, mkdtemp, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Fault, orThrow } from "../base/result.ts";
import { run } from "../base/run.ts";
import { files } from "./paths.ts";

export type DiskOptions = {
  readonly folder: string;
  readonly image: string;
  readonly firmwareVars: string;
  /** Size of the disk; undefined leaves that of the image. */
  readonly bytes?: number | undefined;
  readonly signal?: AbortSignal;
};

/** Makes disk and firmware variables anew; an earlier disk is replaced. */
export async function createDisk(options: DiskOptions): Promise<void> {
  const { folder } = options;
  const making = await mkdtemp(join(folder, ".new-"));
  try {
    const disk = join(making, files.disk);
    const vars = join(making, files.firmwareVars);
    const copy = ["cp", "--sparse=always", "--reflink=auto", options.image, disk] as const;
    orThrow(await run(copy, options.signal === undefined ? {} : { signal: options.signal }));
    if (options.bytes !== undefined) await growDisk(disk, options.bytes);
    await copyFile(options.firmwareVars, vars);
    options.signal?.throwIfAborted();
    // The disk last: where there is a disk, there are variables that belong to it.
    await rename(vars, join(folder, files.firmwareVars));
    await rename(disk, join(folder, files.disk));
  } finally {
    await rm(making, { recursive: true, force: true });
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

const factors: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Reads `512M`, `8G`, `8GiB`: powers of 1024, a multiple of 512 bytes. */
export function parseSize(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})([KMGT])(?:iB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * (factors[unit] ?? 0);
  if (digits !== "" && bytes > 0) return bytes;
  throw new Fault("bad-size", `Cannot read the size "${text}": wanted is a number with K, M, G or T, as in "8G"`);
}
