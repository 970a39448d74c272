/** Against a mirror on this machine: a folder in memory, served over HTTP. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Apt, prepareApt } from "./apt.ts";
import { fetchPackages, packageFile } from "./fetch.ts";
import type { LockedPackage } from "./lock.ts";
import { mirrorFromUrl } from "./mirror.ts";

const files = new Map<string, string>();
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const text = files.get(new URL(request.url).pathname);
    return text === undefined ? new Response("no", { status: 404 }) : new Response(text);
  },
});
let folder = "";
let apt: Apt;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-fetch-"));
  apt = { folder: join(folder, "apt"), mirror: mirrorFromUrl(`http://127.0.0.1:${server.port}/debian`), suite: "test" };
  await prepareApt(apt);
});

afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

/** A package of the mirror; `served` is what the mirror has for it, nothing when undefined. */
function offer(name: string, served: string | undefined): LockedPackage {
  const text = `content of ${name}`;
  const path = `pool/main/${name}.deb`;
  if (served !== undefined) files.set(`/debian/${path}`, served);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { name, version: "1", archive: "main", path, size: text.length, sha256 };
}

test("fetchPackages() brings what the lock names, once", async () => {
  const cache = join(folder, "good");
  const item = offer("good", "content of good");
  await fetchPackages(apt, cache, [item]);
  expect(await readFile(packageFile(cache, item), "utf8")).toBe("content of good");
  files.clear();
  await fetchPackages(apt, cache, [item]); // the mirror has it no more, the cache does
});

test("fetchPackages() tells a package that is gone from the mirror, and keeps what came whole", async () => {
  const cache = join(folder, "gone");
  const there = offer("there", "content of there");
  const failed = fetchPackages(apt, cache, [there, offer("moved", undefined)]);
  expect(await failed.catch((thrown: unknown) => thrown)).toMatchObject({ code: "package-gone" });
  expect((await readdir(cache)).toSorted()).toEqual(
    ["partial", packageFile(cache, there).slice(cache.length + 1)].toSorted(),
  );
  expect(await readdir(join(cache, "partial"))).toEqual([]);
});

test("fetchPackages() keeps nothing of a package with other bytes than the lock's", async () => {
  const cache = join(folder, "wrong");
  const failed = fetchPackages(apt, cache, [offer("wrong", "content of wrung")]);
  expect(await failed.catch((thrown: unknown) => thrown)).toMatchObject({ code: "download-failed" });
  expect(await readdir(cache)).toEqual(["partial"]);
  expect(await readdir(join(cache, "partial"))).toEqual([]);
});
