/**
 * Taking away what no setting wants any more: containers that a power cut kept from being removed, images that were pulled
 * for a source which is gone, and leases of a pull that was cut off when its container was taken away. Whatever others have put into the same containerd has no label of ours, and stays.
 */
import type { Log } from "../../base/log.ts";
import type { Containerd } from "../containerd/connection.ts";
import { containers, images } from "../containerd/services.ts";
import { dropLeases } from "../pull/lease.ts";
import { PULLED_LABEL } from "../pull/pull.ts";
import { findContainer, isRunning, removeContainer, SOURCE_LABEL } from "./task.ts";

export type Keep = {
  /** Ids of containers, which own leases too, and names of images, that are wanted. */
  readonly ids: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
};

/** A container that runs is somebody's business, whatever settings say, and so is its image. */
export async function prune(containerd: Containerd, keep: Keep, log: Log): Promise<void> {
  const there = (await containerd.call(containers.list, {})).containers;
  const used = new Set(keep.sources);
  await dropLeases(containerd, (owner) => !keep.ids.has(owner));
  for (const { id, image, labels } of there) {
    const unwanted = labels[SOURCE_LABEL] !== undefined && !keep.ids.has(id);
    if (!unwanted || isRunning((await findContainer(containerd, id)).task)) {
      used.add(image);
      continue;
    }
    await removeContainer(containerd, id);
    log.info("A container that nobody wants is taken away", { id });
  }
  for (const { name, labels } of (await containerd.call(images.list, {})).images) {
    if (labels[PULLED_LABEL] === undefined || used.has(name)) continue;
    // What only it held is collected with it: containerd does nothing of that by itself for one deletion.
    await containerd.call(images.delete, { name, sync: true });
    log.info("An image that nobody wants is taken away", { name });
  }
}
