import { expect, test } from "bun:test";
import { lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../base/command.ts";
import { silentLog } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import { base64, CERTIFICATE } from "../types/testing.ts";
import { assembleBundle, type Bundles, command } from "./ca-bundle.ts";

/** The certificates of a bundle, without the comments that name them. */
function blocks(image: string, bundles: Bundles): readonly string[] {
  return orThrow(assembleBundle(image, bundles))
    .split(/^# .*\n/m)
    .filter((block) => block !== "")
    .map((block) => block.trimEnd());
}

test("assembleBundle() adds what is trusted once, and takes out what is not", () => {
  const own = { data: base64(CERTIFICATE), trusted: true };
  const one = [CERTIFICATE.trimEnd()];
  expect(blocks("", { a: own, b: own })).toEqual(one);
  expect(blocks(CERTIFICATE, { a: own })).toEqual(one);
  expect(blocks(CERTIFICATE, { a: { ...own, trusted: false } })).toEqual([]);
  expect(blocks(CERTIFICATE, { a: own, b: { ...own, trusted: false } })).toEqual([]);
  expect(orThrow(assembleBundle(CERTIFICATE, {}))).toMatch(/^# [^\n]+\n-----BEGIN CERTIFICATE-----\n/);
});

test("assembleBundle() names the bundle with a certificate that cannot be read", () => {
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const made = assembleBundle("", { mine: { data: base64(broken), trusted: false } });
  expect(made.ok ? "" : made.fault.message).toContain('the bundle "mine"');
  expect(assembleBundle(broken, {}).ok).toBe(false);
});

test("ca-bundle writes the bundle, and puts the image's own back when nothing is set", async () => {
  const root = await mkdtemp(join(tmpdir(), "ca-bundle-"));
  const bundle = join(root, "etc/ssl/certs/ca-certificates.crt");
  const settings = join(root, "etc/sparkler/certificates.json");
  try {
    for (const folder of ["etc/sparkler", "usr/share/sparkler"]) await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, "usr/share/sparkler/ca-certificates.crt"), "");
    await writeFile(settings, JSON.stringify({ a: { data: base64(CERTIFICATE), trusted: true } }));
    expect(await runCommand(command, ["--root", root], silentLog)).toBe(0);
    expect(await readFile(bundle, "utf8")).toContain(CERTIFICATE);
    for (const wrong of ["[]", "{", '{"a":{"data":1}}']) {
      await writeFile(settings, wrong);
      expect(await runCommand(command, ["--root", root], silentLog)).toBe(1);
    }
    expect(await readFile(bundle, "utf8")).toContain(CERTIFICATE);
    await writeFile(settings, "{}\n");
    expect(await runCommand(command, ["--root", root], silentLog)).toBe(0);
    expect((await lstat(bundle)).isSymbolicLink()).toBe(true);
  } finally {
    await rm(root, { recursive: true });
  }
});
