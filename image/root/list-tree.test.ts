import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listTree } from "./list-tree.ts";

test("listTree() lists links and follows none, into the tree, out of it, or in a circle", async () => {
  const folder = await mkdtemp(join(tmpdir(), "list-tree-"));
  try {
    await mkdir(join(folder, "usr/bin"), { recursive: true });
    await writeFile(join(folder, "usr/bin/tool"), "");
    await symlink("usr/bin", join(folder, "bin"));
    await symlink("/etc", join(folder, "out"));
    await symlink("..", join(folder, "usr/up"));
    expect(await listTree(folder)).toEqual(["bin", "out", "usr/bin/tool", "usr/up"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
