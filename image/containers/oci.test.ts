import { expect, test } from "bun:test";
import { readConfig, readIndex, readManifest } from "../../containers/registry/manifest.ts";
import { orThrow } from "../../base/result.ts";
import { blobPath, LAYER_MEDIA, makeDocuments, type WrittenLayer } from "./oci.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const layer: WrittenLayer = { mediaType: LAYER_MEDIA, digest, size: 5, diffId: digest, definition: "base" };
const definition = {
  name: "x",
  why: "x",
  files: {},
  image: { entrypoint: ["/init", "go"], env: { PATH: "/bin" } },
};

test("makeDocuments() makes what our own reader of registries takes", () => {
  const { config, manifest, index } = makeDocuments(definition, [layer]);
  expect(orThrow(readConfig(config.bytes))).toMatchObject({
    diffIds: [digest],
    env: ["PATH=/bin"],
    entrypoint: ["/init", "go"],
    workingDir: "/",
  });
  const read = orThrow(readManifest(manifest.bytes));
  expect(read.config.digest).toBe(config.digest);
  expect(read.layers).toEqual([{ mediaType: LAYER_MEDIA, digest, size: 5 }]);
  expect(orThrow(readIndex(index))[0]).toMatchObject({ digest: manifest.digest, size: manifest.size });
});

test("makeDocuments() makes equal bytes of equal layers", () => {
  expect(makeDocuments(definition, [layer])).toEqual(makeDocuments(definition, [{ ...layer }]));
});

test("blobPath() is the layout's", () => {
  expect(blobPath(digest)).toBe(`blobs/sha256/${"ab".repeat(32)}`);
});
