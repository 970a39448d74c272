import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { osFolder } from "../tools.ts";
import { containerNames, packagesOf, readContainer } from "./definition.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-definitions-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function define(name: string, definition: object): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "container.json"), JSON.stringify(definition));
  const read = await readContainer(folder, name);
  return read.ok ? read.value.map((each) => each.name).join(" ") : read.fault.message;
}

test("readContainer() reads every definition there is, the lowest first", async () => {
  const names = await containerNames(join(osFolder, "containers"));
  expect(names).toEqual(["admin", "base", "control"]);
  for (const name of names) {
    const read = await readContainer(join(osFolder, "containers"), name);
    const chain = read.ok ? read.value.map((each) => each.name) : [read.fault.message];
    expect(chain).toEqual(name === "base" ? ["base"] : ["base", name]);
  }
});

const plain = { why: "x", files: {} };

test.each([
  ["a file that is missing", "a", { ...plain, name: "a", base: "nothing" }, /Cannot read ".*nothing\/container\.json"/],
  ["a word that nobody knows", "b", { ...plain, name: "b", layers: 1 }, /b\/container\.json: .*layers/],
  ["a path with a leading slash", "c", { ...plain, name: "c", links: { "/bin/x": "y" } }, /links\.\/bin\/x/],
  ["a path that leads out", "d", { ...plain, name: "d", files: { bash: ["../x"] } }, /without leading slash/],
  ["another name than the folder's", "e", { ...plain, name: "x" }, /the name is "x", wanted the folder's/],
  ["a base that stands on itself", "f", { ...plain, name: "f", base: "f" }, /"f" is its own base/],
] as const)("readContainer() refuses %s", async (_, name, definition, wanted) => {
  expect(await define(name, definition)).toMatch(wanted);
});

test("packagesOf() names those of joined files as well, each once", () => {
  const joined = { "etc/x": { debian: "b", files: "*" } };
  expect(packagesOf({ name: "x", why: "x", files: { b: ["x"], a: ["y"] }, joined })).toEqual(["a", "b"]);
});
