/** Keeping the folder of images small: builds that were killed, and images that newer ones have replaced. */
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Images kept of each variant, the newest. Machines have disks of their own and need none of them. */
export const IMAGES_KEPT = 4;

/** Work folders of builds and checks whose process is gone. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^\.(?:building|verifying)-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Removes the oldest images of the variant that `built` is of. */
export async function pruneImages(folder: string, built: string): Promise<void> {
  const variant = variantOf(built);
  const names = (await readdir(folder)).filter((name) => name !== built && variantOf(name) === variant);
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  const old = aged.toSorted((a, b) => b.at - a.at).slice(IMAGES_KEPT - 1);
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true });
}

function variantOf(name: string): string | undefined {
  return /^sparkler-(.+)-x86_64-/.exec(name)?.[1];
}
