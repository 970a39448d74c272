/** An image that is there: from its name in containerd to what a container of it needs, unpacked. */
import { orThrow } from "../../base/result.ts";
import { unlessMissing } from "../containerd/connection.ts";
import { images } from "../containerd/services.ts";
import type { Descriptor } from "../containerd/types.ts";
import {
  choosePlatform,
  type ImageConfig,
  type ImageManifest,
  isIndex,
  MAX_MANIFEST,
  type Platform,
  readConfig,
  readIndex,
  readManifest,
} from "../registry/manifest.ts";
import { type BlobOptions, readBlob } from "./blobs.ts";
import { underLease } from "./lease.ts";
import { chainId, isUnpacked, unpack } from "./unpack.ts";

export type UnpackedImage = { readonly config: ImageConfig; readonly chain: string };

/** The manifest for the platform, of a manifest or an index that are in the store. */
export async function storedManifest(
  target: Descriptor,
  platform: Platform,
  options: BlobOptions,
): Promise<ImageManifest> {
  if (!isIndex(target.mediaType)) return orThrow(readManifest(await readBlob(target, MAX_MANIFEST, options)));
  const entries = orThrow(readIndex(await readBlob(target, MAX_MANIFEST, options)));
  return storedManifest(orThrow(choosePlatform(entries, platform)), platform, options);
}

/** The image under this name; undefined when there is none. Unpacks what of it is not. */
export async function openImage(
  name: string,
  platform: Platform,
  options: BlobOptions,
): Promise<UnpackedImage | undefined> {
  const found = await unlessMissing(options.containerd.call(images.get, { name }, { signal: options.signal }));
  const target = found?.image?.target;
  if (target === undefined) return undefined;
  const manifest = await storedManifest(target, platform, options);
  const config = orThrow(readConfig(await readBlob(manifest.config, MAX_MANIFEST, options)));
  // Usually it is there, held by its image, and nothing has to be written for it.
  if (await isUnpacked(config.diffIds, options)) return { config, chain: chainId(config.diffIds) };
  const chain = await underLease(options.containerd, (lease) =>
    unpack(manifest.layers, config.diffIds, { ...options, lease }),
  );
  return { config, chain };
}
