/** What is in the root of the finished image, read back from its EROFS by somebody else's tool. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { lstat, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { silentProgress } from "../../base/progress.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { buildImage } from "../../image/build.ts";
import { readDefinitions } from "../../image/definitions.ts";
import { outputPath } from "../../image/find-image.ts";
import { runTool } from "../../image/format/build-tools.ts";
import { listTree } from "../../image/root/list-tree.ts";
import { orderModules } from "../../image/root/modules.ts";
import { osFolder, toolRoot } from "../../image/tools.ts";

const MINUTES = 60_000;
let folder = "";
let tree = "";
let paths: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-contents-"));
  const tools = { root: await toolRoot("build"), work: folder };
  const image = await buildImage({ variant: "qemu-dev", progress: silentProgress });
  await Bun.write(join(folder, "root.zst"), Bun.file(outputPath(image, "root")));
  await runTool(tools, ["/usr/bin/zstd", "-q", "-d", "/work/root.zst", "-o", "/work/root.erofs"]);
  const extract = ["--extract=/work/tree", "--no-preserve-owner", "--preserve-perms", "/work/root.erofs"] as const;
  await runTool(tools, ["/usr/bin/fsck.erofs", ...extract]);
  tree = join(folder, "tree");
  paths = await listTree(tree);
}, 10 * MINUTES);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("no shell, package manager, scripting language or tool that stands for one is in the root", () => {
  const refused =
    /^(.*sh|busybox|toybox|perl.*|python.*|ruby.*|lua.*|tclsh.*|node|bun|[gmn]?awk|apt.*|dpkg.*|rpm|dnf|pip.*|npm)$/;
  const programs = paths.filter((path) => /(^|\/)s?bin\//.test(path));
  expect(programs.length).toBeGreaterThan(10);
  expect(programs.filter((path) => refused.test(basename(path)))).toEqual([]);
});

test("no file is setuid, writable by others, or a script", async () => {
  for (const path of paths) {
    const stat = await lstat(join(tree, path));
    if (stat.isSymbolicLink()) continue;
    expect([path, stat.isFile(), stat.mode & 0o6022]).toEqual([path, true, 0]);
    if ((stat.mode & 0o111) === 0) continue;
    await using file = await open(join(tree, path), "r");
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    expect([path, buffer.toString("latin1")]).not.toEqual([path, "#!"]);
  }
});

test("the kernel modules are those that the definitions want, and what those depend on", async () => {
  const modules = paths.filter((path) => path.endsWith(".ko"));
  const [first = ""] = modules;
  const base = first.slice(0, first.indexOf("/kernel/"));
  const [dependencies, builtin] = await Promise.all(
    ["modules.dep", "modules.builtin"].map((name) => readFile(join(tree, base, name), "utf8")),
  );
  const { packages } = orThrow(await readDefinitions(osFolder, "qemu-dev"));
  const wanted = packages.flatMap((each) => [...(each.modules?.initramfs ?? []), ...(each.modules?.root ?? [])]);
  const needed = orThrow(orderModules(dependencies ?? "", builtin ?? "", wanted));
  expect(modules.length).toBeGreaterThan(20);
  expect(modules.map((path) => path.slice(base.length + 1)).toSorted()).toEqual([...needed].toSorted());
});

test("the root carries SELinux labels", async () => {
  const image = await readFile(join(folder, "root.erofs"));
  for (const type of ["os_t", "init_exec_t", "api_exec_t", "clock_exec_t", "network_exec_t", "mount_exec_t", "etc_t"]) {
    expect([type, image.includes(`system_u:object_r:${type}:s0`)]).toEqual([type, true]);
  }
});

test(
  "apiclient starts in an otherwise empty root, with the words and the environment that it was given",
  async () => {
    const client = join(tree, "usr/lib/sparkler/client");
    const start = (...words: readonly string[]) =>
      run(
        [
          "/usr/bin/bwrap",
          "--unshare-all",
          "--clearenv",
          "--setenv",
          "LD_PRELOAD",
          "/nowhere.so",
          "--tmpfs",
          "/",
          "--proc",
          "/proc",
          "--dev",
          "/dev",
          "--ro-bind",
          client,
          "/usr/local/lib/sparkler",
          "--ro-bind",
          join(client, "apiclient"),
          "/usr/local/bin/apiclient",
          "--",
          "/usr/local/bin/apiclient",
          ...words,
        ],
        { timeoutMs: MINUTES },
      );
    const help = await start("--help"); // a status of 2 is what --help has
    expect(help.ok ? "" : help.fault.message).toContain("--socket-path PATH");
    const refused = await start("--socket-path", "/nowhere/api.sock", "get", "os");
    expect(refused.ok ? "" : refused.fault.message).toMatch(/exit status 1: [^\n]*"\/nowhere\/api\.sock"[^\n]*$/);
  },
  2 * MINUTES,
);

test("the client's files are further names of those that the root has anyway, but for the launcher", async () => {
  const inode = async (path: string) => (await lstat(join(tree, path))).ino;
  const client = "usr/lib/sparkler/client";
  expect(await inode(`${client}/sparkler-host`)).toBe(await inode("usr/bin/sparkler-host"));
  expect(await inode(`${client}/libc.so.6`)).toBe(await inode("usr/lib/x86_64-linux-gnu/libc.so.6"));
  expect((await lstat(join(tree, client, "apiclient"))).size).toBeLessThan(65_536);
});
