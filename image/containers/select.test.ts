import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listTree } from "../root/list-tree.ts";
import type { UnpackedPackage } from "../root/select.ts";
import { type Entry, makeLayer } from "./entry.ts";
import { selectEntries } from "./select.ts";

let folder = "";
let unpacked: readonly UnpackedPackage[] = [];

async function unpack(name: string, files: Readonly<Record<string, string>>): Promise<UnpackedPackage> {
  const root = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (text.startsWith("->")) await symlink(text.slice(2), join(root, path));
    else await writeFile(join(root, path), text);
  }
  return { name, version: "1", root, paths: await listTree(root) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-select-"));
  unpacked = await Promise.all([
    unpack("tool", {
      "usr/bin/tool": "tool",
      "usr/bin/other": "->tool",
      "usr/bin/far": "->/usr/share/data/file",
      "usr/bin/nowhere": "->/etc/alternatives/nowhere",
      "usr/share/doc/tool/copyright": "text",
      "usr/share/man/man1/tool.1": "text",
    }),
    unpack("data", { "usr/share/data/file": "data" }),
  ]);
  await chmod(join(folder, "tool/usr/bin/tool"), 0o4711);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function select(files: Readonly<Record<string, readonly string[]>>, lower: readonly Entry[] = []) {
  return selectEntries({ name: "x", why: "x", files }, unpacked, makeLayer(lower));
}

test("selectEntries() follows links, also to other packages", async () => {
  const entries = await select({ tool: ["usr/bin/other", "usr/bin/far"] });
  expect(entries.map(({ path }) => path)).toEqual([
    "usr/bin/other",
    "usr/bin/far",
    "usr/bin/tool",
    "usr/share/data/file",
  ]);
  expect(entries.at(-1)?.source).toEqual({ debian: "data", version: "1" });
});

test("selectEntries() drops setuid bits, and keeps of a mode only whether it may be started", async () => {
  const entries = await select({ tool: ["usr/bin/tool"], data: ["usr/**"] });
  expect(entries.map(({ mode }) => mode.toString(8))).toEqual(["755", "644"]);
});

test("selectEntries() leaves documentation out, whatever a glob matches", async () => {
  const { paths } = unpacked[0] ?? { paths: [] };
  expect(paths).toContain("usr/share/doc/tool/copyright");
  const entries = await select({ tool: ["usr/bin/tool", "usr/{share,bin}/{doc,man,tool}**"] });
  expect(entries.map(({ path }) => path)).toEqual(["usr/bin/tool"]);
});

test("selectEntries() leaves out what the layers below have", async () => {
  const below: Entry = { path: "usr/bin/tool", kind: "file", from: Buffer.from(""), mode: 0o755, uid: 0, gid: 0 };
  expect((await select({ tool: ["usr/bin/tool", "usr/bin/other"] }, [below])).map(({ path }) => path)).toEqual([
    "usr/bin/other",
  ]);
});

test("selectEntries() names every glob without a file, and a link that leads nowhere", async () => {
  await expect(select({ tool: ["usr/bin/none"], gone: ["*"] })).rejects.toThrow(
    'x: no file "usr/bin/none" in Debian\'s "tool"\nx: no file "*" in Debian\'s "gone"',
  );
  await expect(select({ tool: ["usr/bin/nowhere"] })).rejects.toThrow(/no package has "etc\/alternatives\/nowhere"/);
});
