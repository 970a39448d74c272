/** Layers of an image as snapshots, one upon the other; each appears under its chain id only when it is whole. */
import { createHash, randomUUID } from "node:crypto";
import { Fault } from "../../base/result.ts";
import { type Containerd, hasCode, unlessMissing } from "../containerd/connection.ts";
import { snapshots } from "../containerd/services.ts";
import type { Descriptor } from "../containerd/types.ts";

export const SNAPSHOTTER = "overlayfs";

export type UnpackOptions = {
  readonly containerd: Containerd;
  /** Needed where something is unpacked: what nothing else holds goes with it. */
  readonly lease?: string | undefined;
  readonly signal: AbortSignal;
  readonly onLayer?: (done: number, of: number) => void;
};

/** The name of a stack of layers (OCI image configuration, "Layer ChainID"). */
export function chainId(diffIds: readonly string[]): string {
  return diffIds.reduce(
    (chain, diff) => (chain === "" ? diff : `sha256:${createHash("sha256").update(`${chain} ${diff}`).digest("hex")}`),
    "",
  );
}

/** Whether the whole stack is there. */
export async function isUnpacked(diffIds: readonly string[], options: UnpackOptions): Promise<boolean> {
  const { containerd, lease, signal } = options;
  const stat = { snapshotter: SNAPSHOTTER, key: chainId(diffIds) };
  return (await unlessMissing(containerd.call(snapshots.stat, stat, { lease, signal }))) !== undefined;
}

/** Unpacks what is not unpacked yet; returns the chain id of the whole stack. */
export async function unpack(
  layers: readonly Descriptor[],
  diffIds: readonly string[],
  options: UnpackOptions,
): Promise<string> {
  if (layers.length !== diffIds.length) {
    throw new Fault(
      "malformed",
      `Cannot unpack: the image has ${layers.length} layers and ${diffIds.length} ids of them`,
    );
  }
  if (await isUnpacked(diffIds, options)) return chainId(diffIds);
  for (const [at, layer] of layers.entries()) {
    const parent = chainId(diffIds.slice(0, at));
    await unpackLayer(layer, parent, { name: chainId(diffIds.slice(0, at + 1)), diffId: diffIds[at] ?? "" }, options);
    options.onLayer?.(at + 1, layers.length);
  }
  return chainId(diffIds);
}

async function unpackLayer(
  layer: Descriptor,
  parent: string,
  wanted: { readonly name: string; readonly diffId: string },
  { containerd, lease, signal }: UnpackOptions,
): Promise<void> {
  const { name, diffId } = wanted;
  const at = { snapshotter: SNAPSHOTTER };
  const there = await unlessMissing(containerd.call(snapshots.stat, { ...at, key: name }, { lease, signal }));
  if (there !== undefined) return;
  const key = `unpack-${randomUUID()} ${name}`;
  const { mounts } = await containerd.call(snapshots.prepare, { ...at, key, parent }, { lease, signal });
  try {
    const options = { lease, signal, timeoutMs: 15 * 60_000 };
    // A snapshot that is committed counts as whole for ever, so its files must be on the disk before its name is.
    const { applied } = await containerd.call(snapshots.apply, { diff: layer, mounts, syncFs: true }, options);
    if (applied?.digest !== diffId) {
      throw new Fault(
        "wrong-content",
        `Cannot unpack ${layer.digest}: it holds ${applied?.digest ?? "nothing"}, wanted ${diffId}`,
      );
    }
    await containerd.call(snapshots.commit, { ...at, name, key }, { lease, signal });
  } catch (thrown) {
    await containerd.call(snapshots.remove, { ...at, key }).catch(() => {}); // the lease's end takes it otherwise
    if (!hasCode(thrown, "already-exists")) throw thrown;
  }
}
