/**
 * Builds of the whole image by the operator's command, in copies of this checkout: interrupted at several points, which
 * must leave nothing, and then twice in different folders and surroundings, which must give the same bytes.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { sha256 } from "../../image/digest.ts";
import { buildFolder, toolRoot, unpackImageSet } from "../../image/tools.ts";
import { root } from "../../tools/tests.ts";

const MINUTES = 60_000;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-repeat-"));
  await toolRoot("build");
  await unpackImageSet("qemu-dev");
}, 10 * MINUTES);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of what git has or would have, with the downloads of this checkout, and without any image. */
async function makeCopy(name: string): Promise<string> {
  const copy = join(folder, name);
  const listed = orThrow(await run(["/usr/bin/git", "ls-files", "-co", "--exclude-standard", "-z"], { cwd: root }));
  for (const path of listed.stdout.split("\0").filter((each) => each !== "")) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(root, path), join(copy, path)).catch(() => {}); // listed and deleted: not in the copy either
  }
  await mkdir(join(copy, "build"));
  await symlink(join(buildFolder, "cache"), join(copy, "build/cache"));
  await copyLinked(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Not a link to the folder: the compiler would see where it leads. */
async function copyLinked(from: string, to: string): Promise<void> {
  const linked = await run(["/usr/bin/cp", "-al", from, to]);
  if (!linked.ok) orThrow(await run(["/usr/bin/cp", "-a", from, to]));
}

type Ended = { readonly status: number | null; readonly said: string };

/** Runs the build; is interrupted as soon as `until` is on standard error. */
function build(copy: string, surroundings: Readonly<Record<string, string>>, until?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const { umask = "022", ...environment } = surroundings;
    const previous = process.umask(Number.parseInt(umask, 8));
    const argv = [join(copy, "bin/sparkler.ts"), "image", "build"];
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...environment };
    const child = spawn(process.execPath, argv, { cwd: copy, env, stdio: ["ignore", "ignore", "pipe"] });
    process.umask(previous);
    let said = "";
    let interrupted = false; // a second signal would not wait for anything
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (until === undefined || interrupted || !said.includes(until)) return;
      interrupted = child.kill("SIGINT");
    });
    child.on("close", (status) => resolve({ status, said }));
  });
}

async function digests(copy: string): Promise<Readonly<Record<string, string>>> {
  const images = join(copy, "build/images");
  const [name = ""] = (await readdir(images)).filter((each) => each !== "containers");
  const files = (await readdir(join(images, name))).toSorted();
  const sums = await Promise.all(files.map(async (file) => [file, await sha256(join(images, name, file))] as const));
  return Object.fromEntries(sums);
}

describe("sparkler image build", () => {
  let first = "";

  test.each(["- Programs in C", "- Root file system and hash tree", "- Update images and documents"])(
    "interrupted at %p leaves nothing",
    async (step) => {
      if (first === "") first = await makeCopy("a");
      const ended = await build(first, {}, step);
      expect({ status: ended.status, said: ended.said.slice(-300) }).toMatchObject({ status: 130 });
      expect((await readdir(join(first, "build/images"))).filter((each) => each !== "containers")).toEqual([]);
    },
    5 * MINUTES,
  );

  test(
    "gives the same bytes in another folder, with another umask, time zone, language and home",
    async () => {
      if (first === "") first = await makeCopy("a");
      const second = await makeCopy("b/deeper");
      const one = await build(first, { HOME: "/root", TZ: "UTC", LANG: "C" });
      const other = await build(second, { HOME: folder, TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8", umask: "077" });
      expect([one.status, other.status, one.said, other.said].slice(0, 2)).toEqual([0, 0]);
      const sums = await digests(first);
      expect(Object.keys(sums).length).toBeGreaterThan(7);
      expect(await digests(second)).toEqual(sums);
    },
    15 * MINUTES,
  );
});
