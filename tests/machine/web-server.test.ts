/**
 * docs/guides/web-server.md, every command as it is printed there, in order. Only the registry is another one: the test has
 * no other network, so a mirror of docker.io is added to the settings of the guide.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkSettings } from "../../settings/check/check.ts";
import { testImage } from "../containers/image.ts";
import { TestRegistry } from "../containers/registry.ts";

const MINUTES = 60_000;
const repository = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = "mkdir -p /www; trap 'kill $!; exit 0' TERM; httpd -f -p 80 -h /www & wait";

type Fence = { readonly language: string; readonly lines: readonly string[] };

let folder: string;
let registry: TestRegistry;
let fences: readonly Fence[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-guide-"));
  await symlink(join(repository, "sparkler"), join(folder, "sparkler"));
  fences = fencesOf(await Bun.file(join(repository, "docs/guides/web-server.md")).text());
  registry = TestRegistry.start();
  for (const tag of ["stable", "mainline"]) {
    registry.put(`library/nginx:${tag}`, await testImage({ script: PAGE, files: page(tag) }));
  }
});

afterAll(async () => {
  await run("./sparkler down --name web-guide --delete");
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function page(text: string): Readonly<Record<string, Uint8Array>> {
  return { "www/index.html": Buffer.from(`${text}\n`) };
}

function fencesOf(text: string): readonly Fence[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = "", inner = ""]) => ({
    language,
    lines: inner.trimEnd().split("\n"),
  }));
}

/** A command line of the guide: words without quotes, as there are. */
async function run(line: string): Promise<{ readonly status: number; readonly out: string }> {
  const child = Bun.spawn(line.split(" "), { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const status = await child.exited;
  return { status, out: status === 0 ? out : `${out}${err}` };
}

test("the guide has a file and commands", () => {
  expect(fences.filter(({ language }) => language === "toml").length).toBe(2);
  expect(fences.flatMap(({ language, lines }) => (language === "" ? lines : [])).length).toBeGreaterThan(8);
});

test("its settings are such that a machine takes them", async () => {
  for (const { lines } of fences.filter(({ language }) => language === "toml")) {
    expect(await checkSettings(Buffer.from(lines.join("\n")))).toEqual([]);
  }
});

test(
  "its commands, one after the other",
  async () => {
    const [settings] = fences.filter(({ language }) => language === "toml");
    const mirror = `\n[[settings.container-registry.mirrors]]\nregistry = "docker.io"\nendpoint = ["${registry.url}"]\n`;
    await writeFile(join(folder, "web.toml"), `${settings?.lines.join("\n") ?? ""}\n${mirror}`);
    const pages: string[] = [];
    for (const line of fences.flatMap(({ language, lines }) => (language === "" ? lines : []))) {
      const { status, out } = await run(line);
      expect([line, status, status === 0 ? "" : out]).toEqual([line, 0, ""]);
      if (line.startsWith("curl")) pages.push(out);
    }
    expect(pages).toEqual(["stable\n", "stable\n"]);
  },
  25 * MINUTES,
);
