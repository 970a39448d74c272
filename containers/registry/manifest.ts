/**
 * Manifests and indexes of images (OCI image specification 1.1, and Docker's schema 2 of the same shape): reading them
 * with bounds, choosing the platform. Pure.
 */
import * as z from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { Descriptor } from "../containerd/types.ts";
import { digestPattern } from "../../settings/types/image-reference.ts";

export const MEDIA = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.oci.image.config.v1+json",
} as const;

/** Bytes of a manifest or index, and of a configuration. */
export const MAX_MANIFEST: number = 4 * 1024 * 1024;
const MAX_LAYERS = 512;

export type Platform = { readonly os: string; readonly architecture: string };

export type ImageManifest = { readonly config: Descriptor; readonly layers: readonly Descriptor[] };

export type IndexEntry = Descriptor & { readonly platform: Platform | undefined };

export type ImageConfig = {
  readonly diffIds: readonly string[];
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly user: string;
};

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(digestPattern, "is not sha256:… in 64 digits"),
  size: z.int().min(0),
});

const indexSchema = z.object({
  schemaVersion: z.literal(2),
  manifests: z
    .array(descriptor.extend({ platform: z.object({ os: z.string(), architecture: z.string() }).optional() }))
    .max(MAX_LAYERS),
});

const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor).max(MAX_LAYERS),
});

const words = z.array(z.string()).nullish();
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  rootfs: z.object({ type: z.literal("layers"), diff_ids: z.array(z.string().regex(digestPattern)).max(MAX_LAYERS) }),
  config: z
    .object({
      Env: words,
      Entrypoint: words,
      Cmd: words,
      WorkingDir: z.string().nullish(),
      User: z.string().nullish(),
    })
    .nullish(),
});

export function isIndex(mediaType: string): boolean {
  return mediaType === MEDIA.index || mediaType === MEDIA.dockerIndex;
}

export function readIndex(bytes: Uint8Array): Result<readonly IndexEntry[], "malformed"> {
  const read = parse(indexSchema, bytes, "image index");
  return read.ok ? ok(read.value.manifests.map((each) => ({ ...each, platform: each.platform }))) : read;
}

export function readManifest(bytes: Uint8Array): Result<ImageManifest, "malformed"> {
  return parse(manifestSchema, bytes, "image manifest");
}

export function readConfig(bytes: Uint8Array): Result<ImageConfig, "malformed"> {
  const read = parse(configSchema, bytes, "image configuration");
  if (!read.ok) return read;
  const { rootfs, config } = read.value;
  return ok({
    diffIds: rootfs.diff_ids,
    env: config?.Env ?? [],
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    workingDir: config?.WorkingDir ?? "/",
    user: config?.User ?? "",
  });
}

/** The manifest of an index for `platform`; the first of several. */
export function choosePlatform(
  entries: readonly IndexEntry[],
  { os, architecture }: Platform,
): Result<Descriptor, "no-platform"> {
  const found = entries.find(({ platform }) => platform?.os === os && platform.architecture === architecture);
  if (found !== undefined) return ok(found);
  const there = entries.flatMap(({ platform }) =>
    platform === undefined ? [] : [`${platform.os}/${platform.architecture}`],
  );
  const has = there.length === 0 ? "no platform" : there.join(", ");
  return fail(new Fault("no-platform", `Cannot use the image: it has ${has}, wanted ${os}/${architecture}`));
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): Result<T, "malformed"> {
  if (bytes.length > MAX_MANIFEST) return malformed(what, `it is larger than ${MAX_MANIFEST} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return malformed(what, "it is not JSON");
  }
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  const issues = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return malformed(what, issues.slice(0, 500));
}

function malformed(what: string, why: string): Result<never, "malformed"> {
  return fail(new Fault("malformed", `Cannot read the ${what}: ${why}`));
}
