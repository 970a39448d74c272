import { expect, test } from "bun:test";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { type Component, debianComponents, npmComponents, purl } from "./components.ts";
import { readNpmLock } from "./testing.ts";

const component = (kind: Component["kind"], name: string, version: string): Component => ({
  kind,
  name,
  version,
  digest: { algorithm: "sha256", hex: "00" },
});

const root = join(import.meta.dir, "../..");

test.each<readonly [component: Component, wanted: string]>([
  [component("debian", "systemd", "257.8-1~deb13u2"), "pkg:deb/debian/systemd@257.8-1~deb13u2?arch=amd64"],
  [component("debian", "libstdc++6", "14.2.0-19"), "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64"],
  [component("debian", "cpp", "4:14.2.0-1"), "pkg:deb/debian/cpp@4:14.2.0-1?arch=amd64"],
  [component("debian", "cpio", "2.15+dfsg-2"), "pkg:deb/debian/cpio@2.15%2Bdfsg-2?arch=amd64"],
  [component("npm", "zod", "4.6.7"), "pkg:npm/zod@4.6.7"],
  [component("npm", "@oven/bun-linux-x64", "1.4.5"), "pkg:npm/%40oven/bun-linux-x64@1.4.5"],
])("purl() of %j", (one, wanted) => {
  expect(purl(one)).toBe(wanted);
});

test("npmComponents() reads version, licence and SHA-512 of what is compiled in", async () => {
  const found = orThrow(npmComponents(await readNpmLock()));
  const { dependencies } = JSON.parse(await Bun.file(join(root, "package.json")).text()) as { dependencies: object };
  expect(found.map((each) => each.name)).toEqual(["@oven/bun-linux-x64", ...Object.keys(dependencies)].toSorted());
  expect(found.every((each) => /^[0-9a-f]{128}$/.test(each.digest.hex))).toBe(true);
  expect(found.every((each) => each.licence !== undefined)).toBe(true);
});

test("npmComponents() names every package that the lock lacks", async () => {
  const found = npmComponents(await readNpmLock(), ["no-such", "zod", "nor-this"]);
  expect(found.ok ? "" : found.fault.message).toMatch(/"no-such".*"nor-this"/);
});

test.each(["", "[]", "{}", '{"packages":1}'])("npmComponents() refuses %j", (text) => {
  expect(npmComponents(text).ok).toBe(false);
});

test("debianComponents() can leave out what gives no file to the image", () => {
  const locked = ["b", "a"].map((name) => ({
    name,
    version: "1",
    archive: "main" as const,
    path: "pool/x.deb",
    size: 1,
    sha256: "00",
  }));
  expect(debianComponents(locked).map((each) => each.name)).toEqual(["a", "b"]);
  expect(debianComponents(locked, new Set(["b"])).map((each) => each.name)).toEqual(["b"]);
});
