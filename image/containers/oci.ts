/**
 * The documents of an OCI image (image specification 1.1): configuration, manifest, index, layout. Pure; equal layers
 * and definitions make equal bytes.
 */
import { createHash } from "node:crypto";
import { MEDIA } from "../../containers/registry/manifest.ts";
import { SOURCE_DATE_EPOCH } from "../sandbox.ts";
import type { ContainerDefinition } from "./definition.ts";

export const LAYER_MEDIA = "application/vnd.oci.image.layer.v1.tar+gzip";
export const LAYOUT_FILE = "oci-layout";
export const LAYOUT_TEXT = '{"imageLayoutVersion":"1.0.0"}';

export type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

/** A layer that is written: its blob, and the digest of the archive inside. */
export type WrittenLayer = Descriptor & { readonly diffId: string; readonly definition: string };

export type Document = Descriptor & { readonly bytes: Uint8Array };

export type ImageDocuments = { readonly config: Document; readonly manifest: Document; readonly index: Uint8Array };

export function makeDocuments(definition: ContainerDefinition, layers: readonly WrittenLayer[]): ImageDocuments {
  const created = new Date(SOURCE_DATE_EPOCH * 1000).toISOString().replace(".000", "");
  const labels = { "org.opencontainers.image.title": definition.name };
  const config = documentOf(MEDIA.config, {
    created,
    architecture: "amd64",
    os: "linux",
    config: {
      Env: Object.entries(definition.image?.env ?? {}).map(([name, value]) => `${name}=${value}`),
      Entrypoint: definition.image?.entrypoint ?? [],
      WorkingDir: "/",
      Labels: labels,
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ definition: by }) => ({ created, created_by: `sparkler: ${by}` })),
  });
  const manifest = documentOf(MEDIA.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
    annotations: { "org.opencontainers.image.created": created, ...labels },
  });
  const index = documentOf(MEDIA.index, {
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [
      {
        ...descriptorOf(manifest),
        platform: { architecture: "amd64", os: "linux" },
        annotations: { "org.opencontainers.image.ref.name": "latest" },
      },
    ],
  });
  return { config, manifest, index: index.bytes };
}

/** Where a blob lies below the layout. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function descriptorOf({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function documentOf(mediaType: string, value: object): Document {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, size: bytes.length, bytes };
}
