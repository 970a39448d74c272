import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orThrow } from "../base/result.ts";
import { readDefinitions } from "./definitions.ts";
import { readInputs } from "./inputs.ts";
import { readOverlays } from "./overlay.ts";
import { osFolder } from "./tools.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-overlay-"));
  await addPackage("mine", "motd-extra");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function addPackage(overlay: string, name: string): Promise<string> {
  const at = join(folder, overlay, name);
  await mkdir(join(at, "rootfs/usr/share"), { recursive: true });
  await writeFile(join(at, "package.json"), JSON.stringify({ name, why: "a test", files: {} }));
  return at;
}

test("the definitions of an overlay come after those of the variant", async () => {
  const overlays = await readOverlays([join(folder, "mine")]);
  const { variant, packages, rootfs } = orThrow(await readDefinitions(osFolder, "qemu-dev", overlays));
  expect(packages.map(({ name }) => name)).toEqual([...variant.packages, "motd-extra"]);
  expect(rootfs.get("motd-extra")).toBe(join(folder, "mine/motd-extra/rootfs"));
});

test("an overlay counts in the digest and the name of an image, a link in it by what it says", async () => {
  const at = await addPackage("linked", "linked");
  const link = join(at, "rootfs/usr/share/link");
  const plain = await readInputs("qemu-dev");
  const digests = [plain.digest];
  for (const target of ["/nowhere/one", "/nowhere/other"]) {
    await rm(link, { force: true });
    await symlink(target, link);
    const inputs = await readInputs("qemu-dev", await readOverlays([join(folder, "linked")]));
    expect(inputs.build).not.toBe(plain.build);
    digests.push(inputs.digest);
  }
  expect(new Set(digests).size).toBe(3);
});

test("readOverlays() refuses folders without a definition, and two that both have an entry", async () => {
  await mkdir(join(folder, "empty"));
  for (const name of ["one", "two"]) {
    await addPackage(name, name);
    await writeFile(join(folder, name, "entry.ts"), "");
  }
  const refusal = (names: readonly string[]): Promise<unknown> =>
    readOverlays(names.map((name) => join(folder, name))).catch((thrown: unknown) => thrown);
  expect(await refusal(["empty"])).toMatchObject({ code: "overlay-invalid" });
  expect(await refusal(["missing"])).toMatchObject({ code: "overlay-invalid" });
  expect(await refusal(["one", "two"])).toMatchObject({ code: "overlay-invalid" });
  expect(await refusal(["one", "mine"])).toHaveLength(2);
});

test("a definition that is called otherwise than its folder, or as another one, is refused", async () => {
  const at = await addPackage("clash", "systemd");
  await writeFile(join(at, "package.json"), JSON.stringify({ name: "systemd", why: "a test", files: {} }));
  const read = await readDefinitions(osFolder, "qemu-dev", await readOverlays([join(folder, "clash")]));
  expect(read.ok ? "" : read.fault.message).toContain('another definition is called "systemd"');
});
