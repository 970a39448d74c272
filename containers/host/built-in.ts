/**
 * Images that are part of the verified root: a tree as an EROFS file, mounted as it lies, and its configuration. They
 * need no registry, no unpacking and no room on DATA: what a container of such an image writes goes into memory, bounded.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault, fail, ok, orThrow, type Result } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import type { Mount } from "../containerd/types.ts";
import { type ImageConfig, readConfig } from "../registry/manifest.ts";

/** The host part of the names of such images. */
export const BUILT_IN_HOST = "host.internal";
const FOLDER = "/usr/share/sparkler/containers";
const MOUNT = "/usr/bin/mount";
const UMOUNT = "/usr/bin/umount";
/** What a container may write outside of its own folder. */
const WRITABLE_SIZE = "32m";

export type BuiltIn = { readonly config: ImageConfig; readonly tree: string };

/** The image of this name (the repository part); the tag does not matter, since the image is that of this very system. */
export async function openBuiltIn(name: string, folder: string = FOLDER): Promise<Result<BuiltIn, "no-image">> {
  const at = join(folder, name);
  try {
    const config = orThrow(readConfig(await readFile(join(at, "config.json"))));
    return ok({ config, tree: join(at, "rootfs.erofs") });
  } catch (cause) {
    return fail(Fault.from("no-image", `Cannot use the image "${BUILT_IN_HOST}/${name}": this system has none`, cause));
  }
}

/** Mounts the tree and room to write on it below `place`; what was mounted there before is taken away first. */
export async function mountBuiltIn({ tree }: BuiltIn, place: string): Promise<Mount> {
  await unmountBuiltIn(place);
  const [lower, room] = [join(place, "lower"), join(place, "room")];
  for (const folder of [lower, room]) await mkdir(folder, { recursive: true, mode: 0o700 });
  orThrow(await run([MOUNT, "-t", "erofs", "-o", "ro,nodev", tree, lower]));
  orThrow(await run([MOUNT, "-t", "tmpfs", "-o", `nodev,mode=700,size=${WRITABLE_SIZE}`, "tmpfs", room]));
  const [upper, work] = [join(room, "upper"), join(room, "work")];
  for (const folder of [upper, work]) await mkdir(folder, { mode: 0o755 });
  return {
    type: "overlay",
    source: "overlay",
    target: "",
    options: [`lowerdir=${lower}`, `upperdir=${upper}`, `workdir=${work}`],
  };
}

/** Takes away what `mountBuiltIn` has made; nothing there is fine. */
export async function unmountBuiltIn(place: string): Promise<void> {
  for (const folder of [join(place, "room"), join(place, "lower")]) {
    if (await isMountPoint(folder)) orThrow(await run([UMOUNT, "--lazy", folder]));
  }
  await rm(place, { recursive: true, force: true });
}

async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  return mounts.split("\n").some((line) => line.split(" ")[4] === path);
}
