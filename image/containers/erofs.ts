/**
 * A container image for the root of a machine: all its layers as one tree in an EROFS file, which is mounted as it is.
 * Every file belongs to root there, so an image with other owners is refused.
 */
import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import type { BuildTools } from "../format/build-tools.ts";
import { makeErofs } from "../format/erofs.ts";
import { derivedUuid } from "../format/uuid.ts";
import type { Layer } from "./entry.ts";

const TREE = "container-tree";

/** Makes `image`, a name below `tools.work`. */
export async function makeContainerErofs(
  tools: BuildTools,
  { name, layer, image }: { readonly name: string; readonly layer: Layer; readonly image: string },
): Promise<void> {
  const others = [...layer.values()].find(({ uid, gid, mode }) => uid !== 0 || gid !== 0 || (mode & 0o6000) !== 0);
  if (others !== undefined) {
    throw new Fault("not-built-in", `Cannot build "${name}" into a root: "${others.path}" is not plainly of root`);
  }
  const tree = join(tools.work, TREE);
  await mkdir(tree);
  await chmod(tree, 0o755); // whatever the umask is
  for (const entry of layer.values()) {
    const path = join(tree, entry.path);
    if (entry.kind === "folder") await mkdir(path);
    else if (entry.kind === "link") await symlink(entry.target, path);
    else await (typeof entry.from === "string" ? copyFile(entry.from, path) : writeFile(path, entry.from));
    if (entry.kind !== "link") await chmod(path, entry.mode);
  }
  await makeErofs(tools, { tree: TREE, image, uuid: derivedUuid(`container:${name}`) });
}
