/** Images for containers of tests: busybox and a program of the test's own, as the blobs that a registry serves. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { toolRoot } from "../../image/tools.ts";
import { tar, type TarEntry } from "./tar.ts";

export type Blob = { readonly digest: string; readonly bytes: Uint8Array };

export type TestImage = {
  readonly manifest: Blob;
  readonly manifestType: string;
  /** Configuration, layers, and manifests that an index names. */
  readonly blobs: readonly Blob[];
};

export type ImageOptions = {
  /** Lines of the shell script that is process 1. */
  readonly script?: string;
  readonly env?: readonly string[];
  /** Path → bytes of further programs. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly user?: string;
  /** Docker's media types in place of OCI's. */
  readonly docker?: boolean;
  /** Bytes of a further layer that does not compress. */
  readonly ballast?: number;
  /** Behind an index for several platforms. */
  readonly index?: boolean;
};

const IDLE = "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done";

const OCI = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};
const DOCKER = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

const APPLETS =
  "awk cat chmod chroot cp dd df dmesg echo env free grep head hostname id ip kill killall ln ls mkdir mknod mount nc nsenter ps pwd rm sh sleep sort stat sysctl tail test top touch true umount uname unshare wc wget which yes httpd".split(
    " ",
  );

/** An image whose first process is the script; without one it idles until SIGTERM. */
export async function testImage(options: ImageOptions = {}): Promise<TestImage> {
  const types = options.docker === true ? DOCKER : OCI;
  const layers = [await baseLayer(), ownLayer(options), ...ballast(options.ballast)].map((bytes) => ({
    diff: digestOf(bytes),
    blob: blobOf(gzipSync(bytes, { level: 1 })),
  }));
  const config = json({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: layers.map(({ diff }) => diff) },
    config: {
      Entrypoint: ["/bin/sh", "/init.sh"],
      Env: ["PATH=/bin", ...(options.env ?? [])],
      ...(options.user === undefined ? {} : { User: options.user }),
    },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(types.config, config),
    layers: layers.map(({ blob }) => descriptor(types.layer, blob)),
  });
  const blobs = [config, ...layers.map(({ blob }) => blob)];
  if (options.index !== true) return { manifest, manifestType: types.manifest, blobs };
  const index = json({
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [
      { ...descriptor(types.manifest, config), platform: { os: "linux", architecture: "s390x" } },
      { ...descriptor(types.manifest, manifest), platform: { os: "linux", architecture: "amd64" } },
    ],
  });
  return { manifest: index, manifestType: types.index, blobs: [...blobs, manifest] };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function blobOf(bytes: Uint8Array): Blob {
  return { digest: digestOf(bytes), bytes };
}

function json(value: unknown): Blob {
  return blobOf(Buffer.from(JSON.stringify(value)));
}

function descriptor(mediaType: string, { digest, bytes }: Blob): object {
  return { mediaType, digest, size: bytes.length };
}

async function baseLayer(): Promise<Uint8Array> {
  const busybox = await readFile(join(await toolRoot("test"), "usr/bin/busybox"));
  return tar([
    ...["bin", "etc", "tmp", "root"].map((path): TarEntry => ({ path, folder: true })),
    { path: "bin/busybox", bytes: busybox },
    ...APPLETS.map((name): TarEntry => ({ path: `bin/${name}`, link: "busybox" })),
    { path: "etc/passwd", bytes: "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n", mode: 0o644 },
    { path: "etc/group", bytes: "root:x:0:\nnogroup:x:65534:\n", mode: 0o644 },
  ]);
}

function ownLayer({ script, files = {} }: ImageOptions): Uint8Array {
  return tar([
    { path: "init.sh", bytes: `${script ?? IDLE}\n` },
    ...Object.entries(files).map(([path, bytes]) => ({ path, bytes })),
  ]);
}

function ballast(size = 0): readonly Uint8Array[] {
  if (size === 0) return [];
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return [tar([{ path: "ballast", bytes }])];
}
