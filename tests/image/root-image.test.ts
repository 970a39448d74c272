import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { lstat, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../base/run.ts";
import { readDefinitions } from "../../image/definitions.ts";
import { makeErofs } from "../../image/format/erofs.ts";
import { derivedSalt, derivedUuid } from "../../image/format/uuid.ts";
import { makeVerity, type Verity } from "../../image/format/verity.ts";
import { listTree } from "../../image/root/list-tree.ts";
import { stageRoot } from "../../image/root/stage.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { osFolder, toolRoot, unpackImageSet } from "../../image/tools.ts";
import { orThrow } from "../../base/result.ts";

const MINUTES = 60_000;
const folders: string[] = [];
let tools = "";
let paths: readonly string[] = [];
const built: { readonly verity: Verity; readonly sum: string; readonly folder: string }[] = [];

async function build(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "sparkler-root-image-"));
  folders.push(work);
  const { packages } = orThrow(await readDefinitions(osFolder, "qemu-dev"));
  await stageRoot(join(work, "tree"), packages, await unpackImageSet("qemu-dev"));
  paths = await listTree(join(work, "tree"));
  const toolsHere = { root: tools, work };
  await makeErofs(toolsHere, { tree: "tree", image: "root.erofs", uuid: derivedUuid("root") });
  const verity = await makeVerity(toolsHere, {
    data: "root.erofs",
    hash: "root.verity",
    uuid: derivedUuid("hash"),
    salt: derivedSalt("root"),
  });
  const hash = createHash("sha256");
  for (const name of ["root.erofs", "root.verity"]) hash.update(await readFile(join(work, name)));
  built.push({ verity, sum: hash.digest("hex"), folder: work });
}

describe("the root image of qemu-dev", () => {
  beforeAll(async () => {
    tools = await toolRoot("build");
    await build();
    await build();
  }, 10 * MINUTES);

  afterAll(async () => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  test("two builds in different folders give identical bytes", () => {
    expect(built[0]?.folder).not.toBe(built[1]?.folder);
    expect(built[0]?.sum).toBe(String(built[1]?.sum));
    expect(built[0]?.verity.rootHash).toBe(String(built[1]?.verity.rootHash));
  });

  test("fsck.erofs and veritysetup accept what was built", async () => {
    const work = built[0]?.folder ?? "";
    const inside = (argv: readonly [string, ...string[]]) =>
      run(sandboxArgv({ root: tools, binds: [{ from: work, to: "/work" }], argv }));
    const hash = built[0]?.verity.rootHash ?? "";
    expect((await inside(["/usr/bin/fsck.erofs", "/work/root.erofs"])).ok).toBe(true);
    expect((await inside(["/usr/sbin/veritysetup", "verify", "/work/root.erofs", "/work/root.verity", hash])).ok).toBe(
      true,
    );
    const wrong = hash.replace(/^./, hash.startsWith("0") ? "1" : "0");
    expect((await inside(["/usr/sbin/veritysetup", "verify", "/work/root.erofs", "/work/root.verity", wrong])).ok).toBe(
      false,
    );
  });

  test("no shell, interpreter, package manager, or setuid file is in the root", async () => {
    const refused = /\/(ba|da|z|k)?sh$|\/(perl|python3?|apt|apt-get|dpkg|busybox|mawk)$/;
    expect(paths.length).toBeGreaterThan(50);
    expect(paths.filter((path) => refused.test(path))).toEqual([]);
    const tree = join(built[0]?.folder ?? "", "tree");
    const modes = await Promise.all(paths.map(async (path) => (await lstat(join(tree, path))).mode));
    expect(modes.filter((mode) => (mode & 0o6000) !== 0)).toEqual([]);
  });
});
