import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.ts";
import { serveRegistry } from "./server.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const BLOB = "0123456789".repeat(100_000);

let folder: string;
let socket: string;
let server: AsyncDisposable;

const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers: [{ digest: digestOf(BLOB) }] });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "registry-"));
  socket = join(folder, "s");
  const blobs = join(folder, "images", "one", "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  for (const text of [BLOB, manifest]) writeFileSync(join(blobs, digestOf(text).slice("sha256:".length)), text);
  const entry = { mediaType: MANIFEST, digest: digestOf(manifest), size: manifest.length };
  const named = { ...entry, annotations: { "org.opencontainers.image.ref.name": "1.2" } };
  writeFileSync(join(folder, "images", "one", "index.json"), JSON.stringify({ manifests: [entry, named] }));
  writeFileSync(join(folder, "secret"), "secret");
  symlinkSync(join(folder, "secret"), join(blobs, "a".repeat(64)));
  server = await serveRegistry({ folder: join(folder, "images"), socket, log: silentLog });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://x${path}`, { unix: socket, ...init });

/** The answer to bytes as they are. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const client = connect(socket, () => void client.write(text));
    client.on("data", (chunk: Buffer) => {
      got += chunk.toString();
      client.destroy();
    });
    client.on("error", () => {}); // "close" follows
    client.on("close", () => resolve(got));
  });
}

describe("serveRegistry()", () => {
  test("lets only its owner connect, and leaves no socket behind", async () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    await server[Symbol.asyncDispose]();
    expect(() => statSync(socket)).toThrow();
  });

  test("gives version, images and tags", async () => {
    expect((await ask("/v2/")).headers.get("docker-distribution-api-version")).toBe("registry/2.0");
    expect(await (await ask("/v2/_catalog")).json()).toEqual({ repositories: ["one"] });
    expect(await (await ask("/v2/one/tags/list")).json()).toEqual({ name: "one", tags: ["1.2", "latest"] });
  });

  test("gives a manifest by tag and by digest, with its type", async () => {
    for (const reference of ["latest", "1.2", digestOf(manifest), encodeURIComponent(digestOf(manifest))]) {
      const answer = await ask(`/v2/one/manifests/${reference}`);
      expect(answer.headers.get("content-type")).toBe(MANIFEST);
      expect(answer.headers.get("docker-content-digest")).toBe(digestOf(manifest));
      expect(await answer.text()).toBe(manifest);
    }
  });

  test("answers HEAD with the length and no body", async () => {
    for (const path of [`manifests/latest`, `blobs/${digestOf(BLOB)}`]) {
      const answer = await ask(`/v2/one/${path}`, { method: "HEAD" });
      const length = path.startsWith("m") ? manifest.length : BLOB.length;
      expect([answer.status, answer.headers.get("content-length"), await answer.text()]).toEqual([
        200,
        String(length),
        "",
      ]);
    }
  });

  test("gives a blob, and parts of it", async () => {
    const path = `/v2/one/blobs/${digestOf(BLOB)}`;
    expect(await (await ask(path)).text()).toBe(BLOB);
    const part = await ask(path, { headers: { Range: "bytes=999995-" } });
    expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([
      206,
      "56789",
      "bytes 999995-999999/1000000",
    ]);
    const beyond = await ask(path, { headers: { Range: "bytes=1000000-" } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */1000000"]);
  });

  const refused: Readonly<Record<string, readonly [string, number]>> = {
    "/": ["NAME_UNKNOWN", 404],
    "/v2/two/manifests/latest": ["NAME_UNKNOWN", 404],
    "/v2/one/manifests/2": ["MANIFEST_UNKNOWN", 404],
    [`/v2/one/manifests/${digestOf(BLOB)}`]: ["MANIFEST_UNKNOWN", 404],
    [`/v2/one/blobs/sha256:${"0".repeat(64)}`]: ["BLOB_UNKNOWN", 404],
    "/v2/one/blobs/index.json": ["BLOB_UNKNOWN", 404],
    "/v2/one/blobs/..%2f..%2findex.json": ["BLOB_UNKNOWN", 404],
    "/v2/..%2fone/manifests/latest": ["NAME_UNKNOWN", 404],
    "/v2/./manifests/latest": ["NAME_UNKNOWN", 404],
    "/v2/one/blobs/%ff": ["BLOB_UNKNOWN", 404],
    [`/v2/one/blobs/sha256:${"a".repeat(64)}`]: ["BLOB_UNKNOWN", 404],
  };
  for (const [path, [code, status]] of Object.entries(refused)) {
    test(`refuses ${path.slice(0, 50)}`, async () => {
      const answer = await ask(path);
      expect([answer.status, ((await answer.json()) as { errors: { code: string }[] }).errors[0]?.code]).toEqual([
        status,
        code,
      ]);
    });
  }

  test("takes nothing", async () => {
    for (const method of ["PUT", "POST", "PATCH", "DELETE"]) {
      expect((await ask("/v2/one/blobs/uploads/", { method })).status).toBe(405);
    }
  });

  test("survives what is no request", async () => {
    expect(await raw("GET /v2/../../secret HTTP/1.1\r\nHost: x\r\n\r\n")).not.toContain("secret\n");
    expect(await raw("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 4|^$/);
    expect((await ask("/v2/")).status).toBe(200);
  });

  test("has nothing where nothing was built", async () => {
    rmSync(join(folder, "images"), { recursive: true });
    expect(await (await ask("/v2/_catalog")).json()).toEqual({ repositories: [] });
    expect((await ask("/v2/one/manifests/latest")).status).toBe(404);
  });

  test("answers for a layout that is damaged", async () => {
    writeFileSync(join(folder, "images", "one", "index.json"), "{");
    expect((await ask("/v2/one/tags/list")).status).toBe(404);
  });
});
