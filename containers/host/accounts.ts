/** The account files inside of an image, read from its unpacked layers, which are mounted for that moment only. */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import type { Containerd } from "../containerd/connection.ts";
import { snapshots } from "../containerd/services.ts";
import type { Mount } from "../containerd/types.ts";
import { underLease } from "../pull/lease.ts";
import { SNAPSHOTTER } from "../pull/unpack.ts";
import type { AccountFiles } from "./user.ts";

const MOUNT = "/usr/bin/mount";
const UMOUNT = "/usr/bin/umount";
const MAX_BYTES = 1024 * 1024;

/** The files of an image; a file that is missing, too large or no file is empty. `folder` is a place for the mount. */
export async function readAccounts(containerd: Containerd, chain: string, folder: string): Promise<AccountFiles> {
  return underLease(containerd, async (lease) => {
    const key = `accounts-${randomUUID()}`;
    const { mounts } = await containerd.call(
      snapshots.view,
      { snapshotter: SNAPSHOTTER, key, parent: chain },
      { lease },
    );
    const at = join(folder, "accounts");
    await mkdir(at, { recursive: true, mode: 0o700 });
    try {
      for (const mount of mounts) orThrow(await run(mountCommand(mount, at)));
      return { passwd: await readInside(at, "passwd"), group: await readInside(at, "group") };
    } finally {
      await run([UMOUNT, "--lazy", at]);
      await rmdir(at).catch(() => {}); // a mount that did not go is no reason to fail
      await containerd.call(snapshots.remove, { snapshotter: SNAPSHOTTER, key }).catch(() => {}); // the lease's end does
    }
  });
}

function mountCommand({ type, source, options }: Mount, at: string): [string, ...string[]] {
  const words = [...options.filter((option) => option !== "rw"), "ro", "nosuid", "nodev", "noexec"];
  return [MOUNT, "-t", type === "bind" ? "none" : type, "-o", words.join(","), source, at];
}

/** Links are not followed: they would lead out of the image. */
async function readInside(root: string, name: string): Promise<string> {
  try {
    const [folder, file] = [await lstat(join(root, "etc")), await lstat(join(root, "etc", name))];
    if (!folder.isDirectory() || !file.isFile() || file.size > MAX_BYTES) return "";
    return await readFile(join(root, "etc", name), "utf8");
  } catch {
    return "";
  }
}
