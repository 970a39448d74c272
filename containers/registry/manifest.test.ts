import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { choosePlatform, isIndex, MAX_MANIFEST, MEDIA, readConfig, readIndex, readManifest } from "./manifest.ts";

const digest = `sha256:${"0".repeat(64)}`;
const blob = { mediaType: "x", digest, size: 1 };
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

test("readIndex() and choosePlatform() find the manifest for a platform", () => {
  const entries = ["amd64", "arm64"].map((architecture) => ({ ...blob, platform: { os: "linux", architecture } }));
  const index = orThrow(readIndex(bytes({ schemaVersion: 2, manifests: [...entries, blob] })));
  expect(orThrow(choosePlatform(index, { os: "linux", architecture: "arm64" }))).toMatchObject({ digest });
  const none = choosePlatform(index, { os: "linux", architecture: "riscv64" });
  expect(none.ok ? "" : none.fault.message).toContain("linux/amd64, linux/arm64");
  expect([MEDIA.index, MEDIA.dockerIndex, MEDIA.manifest].map(isIndex)).toEqual([true, true, false]);
});

test("readConfig() has empty values for what an image does not say", () => {
  const config = {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [digest] },
    config: { Env: null },
  };
  expect(orThrow(readConfig(bytes(config)))).toEqual({
    diffIds: [digest],
    env: [],
    entrypoint: [],
    cmd: [],
    workingDir: "/",
    user: "",
  });
});

test.each([
  ["no JSON", Buffer.from("{")],
  ["not UTF-8", Uint8Array.of(0xff)],
  ["another schema", bytes({ schemaVersion: 1, config: blob, layers: [] })],
  ["a digest of another kind", bytes({ schemaVersion: 2, config: { ...blob, digest: "md5:1" }, layers: [] })],
  ["a size below zero", bytes({ schemaVersion: 2, config: { ...blob, size: -1 }, layers: [] })],
  ["too many layers", bytes({ schemaVersion: 2, config: blob, layers: Array.from({ length: 600 }, () => blob) })],
  ["too many bytes", new Uint8Array(MAX_MANIFEST + 1)],
])("readManifest() refuses %s", (_, given) => {
  expect(readManifest(given).ok).toBe(false);
});
