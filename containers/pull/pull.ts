/**
 * Pulling an image: from the first of its endpoints that gives it, whole and verified, into containerd's content store,
 * unpacked into snapshots, and only then under its name. Until then a lease holds the pieces; a cut leaves at most
 * pieces that the lease's end lets go.
 */
import { createHash } from "node:crypto";
import type { Log } from "../../base/log.ts";
import { Fault, orThrow } from "../../base/result.ts";
import { type Containerd, hasCode } from "../containerd/connection.ts";
import { images } from "../containerd/services.ts";
import type { Descriptor } from "../containerd/types.ts";
import { Registry, type RegistryOptions } from "../registry/client.ts";
import { type Endpoint, endpointsOf, type RegistryConfig } from "../registry/endpoints.ts";
import {
  choosePlatform,
  type ImageManifest,
  isIndex,
  MEDIA,
  type Platform,
  readConfig,
  readIndex,
  readManifest,
} from "../registry/manifest.ts";
import { digestPattern, type Reference } from "../../settings/types/image-reference.ts";
import { type BlobOptions, ensureBlob, readBlob } from "./blobs.ts";
import { MAX_MANIFEST } from "../registry/manifest.ts";
import { underLease } from "./lease.ts";
import { isUnpacked, SNAPSHOTTER, unpack } from "./unpack.ts";

export type PullOptions = {
  readonly containerd: Containerd;
  readonly reference: Reference;
  readonly config: RegistryConfig;
  readonly platform: Platform;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Keep layers beside what is unpacked of them, for who may want them in another form; else they are let go. */
  readonly keepLayers?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly proxyOf?: ((url: string) => string | undefined) | undefined;
};

/** What an image is made of, in the content store. */
export type PulledImage = { readonly target: Descriptor; readonly manifest: ImageManifest; readonly chain: string };

/** Marks images that came here for a setting. */
export const PULLED_LABEL = "sparkler/pulled";
const PROGRESS_MS = 5000;

/** One try at every endpoint, in order. Throws the last endpoint's fault, with those before it in its message. */
export async function pullImage(options: PullOptions): Promise<PulledImage> {
  const endpoints = endpointsOf(options.reference, options.config);
  return underLease(options.containerd, (lease) => fromFirst(endpoints, lease, options));
}

async function fromFirst(endpoints: readonly Endpoint[], lease: string, options: PullOptions): Promise<PulledImage> {
  const failures: string[] = [];
  for (const endpoint of endpoints) {
    try {
      return await fromEndpoint(endpoint, lease, options);
    } catch (thrown) {
      if (options.signal.aborted || !(thrown instanceof Fault)) throw thrown;
      failures.push(thrown.message);
      if (endpoints.length > 1)
        options.log.warn("An endpoint does not give the image", { url: endpoint.url, why: thrown.message });
      if (endpoint === endpoints.at(-1)) throw new Fault(thrown.code, failures.join("; "), thrown.details, thrown);
    }
  }
  throw new Fault("registry-missing", `Cannot pull "${options.reference.name}": there is nowhere to ask`);
}

async function fromEndpoint(endpoint: Endpoint, lease: string, options: PullOptions): Promise<PulledImage> {
  const { containerd, reference, signal, log } = options;
  const { repository } = reference;
  const proxy = options.proxyOf?.(endpoint.url);
  const registryOptions: RegistryOptions = { endpoint, repository, ca: options.ca, proxy, signal };
  const source: Source = { registry: new Registry(registryOptions), blobs: { containerd, lease, signal }, log };
  const target = await fetchManifest(source, reference.digest ?? reference.tag ?? "latest");
  const chosen = await resolve(source, target, options.platform);
  const manifest = orThrow(readManifest(await readBlob(chosen, MAX_MANIFEST, source.blobs)));
  await fetchBlobs(source, [manifest.config]);
  const { diffIds } = orThrow(readConfig(await readBlob(manifest.config, MAX_MANIFEST, source.blobs)));
  const keepLayers = options.keepLayers === true;
  if (keepLayers || !(await isUnpacked(diffIds, source.blobs))) await fetchBlobs(source, manifest.layers);
  const chain = await unpack(manifest.layers, diffIds, source.blobs);
  await keepTogether(source, { target, chosen, manifest, chain }, keepLayers);
  await nameImage(containerd, reference.name, target, signal);
  return { target, manifest, chain };
}

type Source = { readonly registry: Registry; readonly blobs: BlobOptions; readonly log: Log };

/** Fetches a manifest or index by tag or digest and stores it. */
async function fetchManifest(source: Source, which: string, mediaType?: string): Promise<Descriptor> {
  const fetched = await source.registry.manifest(which);
  const digest = `sha256:${createHash("sha256").update(fetched.bytes).digest("hex")}`;
  if (digestPattern.test(which) && digest !== which) {
    throw new Fault("wrong-content", `Cannot take ${which}: what came has the digest ${digest}`);
  }
  const type = mediaType ?? fetched.mediaType;
  const known: readonly string[] = Object.values(MEDIA);
  if (!known.includes(type)) throw new Fault("malformed", `Cannot use the image: its manifest is of type "${type}"`);
  const blob = { mediaType: type, digest, size: fetched.bytes.length };
  await ensureBlob(blob, {}, () => Promise.resolve({ start: 0, pieces: once(fetched.bytes) }), source.blobs);
  return blob;
}

/** From an index to the manifest for the platform; a manifest is itself. */
async function resolve(source: Source, target: Descriptor, platform: Platform): Promise<Descriptor> {
  if (!isIndex(target.mediaType)) return target;
  const entries = orThrow(readIndex(await readBlob(target, MAX_MANIFEST, source.blobs)));
  const chosen = orThrow(choosePlatform(entries, platform));
  if (isIndex(chosen.mediaType)) throw new Fault("malformed", "Cannot use the image: an index inside of an index");
  return fetchManifest(source, chosen.digest, chosen.mediaType);
}

async function fetchBlobs({ registry, blobs, log }: Source, all: readonly Descriptor[]): Promise<void> {
  const total = all.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let said = performance.now();
  for (const blob of all) {
    const open = (offset: number): ReturnType<Registry["blob"]> => registry.blob(blob.digest, offset);
    const onBytes = (bytes: number): void => {
      done += bytes;
      if (performance.now() - said < PROGRESS_MS) return;
      said = performance.now();
      log.info("Pulling", { bytes: done, of: total });
    };
    await ensureBlob(blob, {}, open, { ...blobs, onBytes });
  }
  if (all.length > 1) log.info("The layers are fetched", { bytes: done, of: total, layers: all.length });
}

function goneBlob(): never {
  throw new Fault("wrong-content", "Cannot label a blob: it is gone");
}

/** Labels by which containerd's garbage collector sees what belongs together. */
async function keepTogether(
  { blobs }: Source,
  { target, chosen, manifest, chain }: PulledImage & { readonly chosen: Descriptor },
  keepLayers: boolean,
): Promise<void> {
  const parts = Object.fromEntries(
    (keepLayers ? manifest.layers : []).map(
      ({ digest }, at) => [`containerd.io/gc.ref.content.l.${at}`, digest] as const,
    ),
  );
  await ensureBlob(manifest.config, { [`containerd.io/gc.ref.snapshot.${SNAPSHOTTER}`]: chain }, goneBlob, blobs);
  await ensureBlob(
    chosen,
    { "containerd.io/gc.ref.content.config": manifest.config.digest, ...parts },
    goneBlob,
    blobs,
  );
  if (target.digest === chosen.digest) return;
  await ensureBlob(target, { "containerd.io/gc.ref.content.m.0": chosen.digest }, goneBlob, blobs);
}

async function nameImage(containerd: Containerd, name: string, target: Descriptor, signal: AbortSignal): Promise<void> {
  const image = { name, labels: { [PULLED_LABEL]: "true" }, target };
  try {
    await containerd.call(images.create, { image }, { signal });
  } catch (thrown) {
    if (!hasCode(thrown, "already-exists")) throw thrown;
    await containerd.call(images.update, { image, updateMask: { paths: ["target", "labels"] } }, { signal });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
