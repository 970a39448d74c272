/** The registry for machines, read by skopeo: an image made by umoci comes out as it went in. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { serveRegistry } from "../../machine/registry/server.ts";

let folder: string;
let root: string;
let served: AsyncDisposable;
let bridge: Server;
let address: string;

async function tool(...argv: readonly [string, ...string[]]): Promise<string> {
  const binds = [{ from: folder, to: "/work", write: true }];
  return orThrow(await run(sandboxArgv({ root, binds, argv, cwd: "/work", network: true }))).stdout;
}

beforeAll(async () => {
  root = await toolRoot("test");
  folder = await mkdtemp(join(tmpdir(), "sparkler-registry-"));
  await mkdir(join(folder, "images"));
  await mkdir(join(folder, "files"));
  await writeFile(join(folder, "files", "big"), Buffer.alloc(3_000_000, "sparkler"));
  await tool("/usr/bin/umoci", "init", "--layout", "/work/images/one");
  await tool("/usr/bin/umoci", "new", "--image", "/work/images/one:latest");
  await tool("/usr/bin/umoci", "insert", "--rootless", "--image", "/work/images/one:latest", "/work/files", "/opt");
  const socket = join(folder, "socket");
  served = await serveRegistry({ folder: join(folder, "images"), socket, log: silentLog });
  bridge = createServer(
    (client) =>
      void client
        .pipe(connect(socket))
        .pipe(client)
        .on("error", () => {}),
  );
  await new Promise<void>((resolve) => void bridge.listen(0, "127.0.0.1", resolve));
  const bound = bridge.address();
  address = `127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
}, 600_000);

afterAll(async () => {
  bridge.close();
  await served[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("skopeo sees the image and its tags", async () => {
  const tags: unknown = JSON.parse(
    await tool("/usr/bin/skopeo", "list-tags", "--tls-verify=false", `docker://${address}/one`),
  );
  expect(tags).toEqual({ Repository: `${address}/one`, Tags: ["latest"] });
}, 60_000);

test("skopeo copies the image by tag and by digest, bit by bit", async () => {
  const from = `docker://${address}/one`;
  const digest = (
    await tool("/usr/bin/skopeo", "inspect", "--format", "{{.Digest}}", "oci:/work/images/one:latest")
  ).trim();
  for (const [name, source] of Object.entries({ tag: `${from}:latest`, digest: `${from}@${digest}` })) {
    await tool("/usr/bin/skopeo", "copy", "--insecure-policy", "--src-tls-verify=false", source, `oci:/work/${name}:x`);
    const blobs = await readdir(join(folder, name, "blobs", "sha256"));
    expect(blobs).toContain(digest.slice("sha256:".length));
    expect(await readdir(join(folder, "images", "one", "blobs", "sha256"))).toEqual(expect.arrayContaining(blobs));
    expect(blobs.length).toBeGreaterThan(2);
  }
}, 120_000);

test("skopeo is told of what is not there", async () => {
  const ran = await tool("/usr/bin/skopeo", "inspect", "--tls-verify=false", `docker://${address}/two:latest`).catch(
    String,
  );
  expect(ran).toContain("no such image");
}, 60_000);
