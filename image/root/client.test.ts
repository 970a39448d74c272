import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readElf } from "./elf.ts";
import { CLIENT_FOLDER, stageClient } from "./client.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-client-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A root with this machine's own `true` in place of the host executable. */
async function makeRoot(name: string, libraries: boolean): Promise<string> {
  const root = join(folder, name);
  const library = join(root, "usr/lib/x86_64-linux-gnu");
  await mkdir(library, { recursive: true });
  await mkdir(join(root, "usr/bin"));
  await copyFile("/usr/bin/true", join(root, "usr/bin/sparkler-host"));
  await copyFile("/lib64/ld-linux-x86-64.so.2", join(library, "ld-linux-x86-64.so.2"));
  if (libraries) await copyFile("/usr/lib/x86_64-linux-gnu/libc.so.6", join(library, "libc.so.6"));
  await writeFile(join(root, "launcher"), "launcher");
  return root;
}

test("stageClient() gives executable, loader and libraries a further name, and says what it placed", async () => {
  const root = await makeRoot("whole", true);
  const elf = readElf(await readFile(join(root, "usr/bin/sparkler-host")));
  expect(elf.ok ? elf.value.needed : []).toEqual(["libc.so.6"]);
  const placed = await stageClient(root, join(root, "launcher"));
  const names = ["sparkler-host", "ld.so", "libc.so.6", "apiclient"];
  expect(placed.map(({ path }) => path)).toEqual(names.map((name) => `${CLIENT_FOLDER}/${name}`));
  const links = await Promise.all(names.map(async (name) => (await stat(join(root, CLIENT_FOLDER, name))).nlink));
  expect(links).toEqual([2, 2, 2, 1]);
});

test("stageClient() names a library that the root lacks", async () => {
  const root = await makeRoot("lacking", false);
  await expect(stageClient(root, join(root, "launcher"))).rejects.toThrow(
    /no "usr\/lib\/x86_64-linux-gnu\/libc\.so\.6"/,
  );
});
