/** Volumes of user data made by other people's tools, read by our own readers; and the same with bytes changed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Fault, orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { readUserData } from "../../settings/user-data/read.ts";
import { readFat } from "../../settings/user-data/volumes/fat.ts";
import { readIso9660 } from "../../settings/user-data/volumes/iso9660.ts";
import { FileSource, type ReadVolume } from "../../settings/user-data/volumes/source.ts";

const MIB = 2 ** 20;
const TOML = '[settings]\nmotd = "from a drive"\n';
let folder = "";
let build = "";
let tests = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-volumes-"));
  build = await toolRoot("build");
  tests = await toolRoot("test");
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function tool(root: string, argv: readonly [string, ...string[]]): Promise<void> {
  orThrow(await run(sandboxArgv({ root, binds: [{ from: folder, to: "/work", write: true }], argv, cwd: "/work" })));
}

/** Makes the files below a folder of its own and returns that folder's name. */
async function content(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  await mkdir(join(folder, name));
  for (const [path, bytes] of Object.entries(files)) await writeFile(join(folder, name, path), bytes);
  return name;
}

async function makeIso(name: string, label: string, from: string, options: readonly string[]): Promise<string> {
  const argv = ["/usr/bin/xorriso", "-as", "mkisofs", "-quiet", "-V", label, ...options] as const;
  await tool(tests, [...argv, "-o", `/work/${name}`, `/work/${from}`]);
  return join(folder, name);
}

async function makeFat(name: string, label: string, from: string, bits: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, "");
  await truncate(path, (bits === 12 ? 4 : bits === 16 ? 32 : 80) * MIB);
  await tool(build, ["/usr/sbin/mkfs.fat", "-F", String(bits), "-n", label, `/work/${name}`]);
  for (const file of ["user-data", "meta-data", "A file with a long name.txt"]) {
    if (await Bun.file(join(folder, from, file)).exists()) {
      await tool(build, ["/usr/bin/mcopy", "-i", `/work/${name}`, `/work/${from}/${file}`, "::"]);
    }
  }
  return path;
}

type Read = { readonly label: string; readonly texts: Readonly<Record<string, string>> };

/** Label and all files; undefined when the volume is of another kind. */
async function readBy(reader: ReadVolume, path: string): Promise<Read | undefined> {
  await using source = await FileSource.open(path);
  const volume = await reader(source);
  if (volume === undefined) return undefined;
  const texts: Record<string, string> = {};
  for (const file of volume.files) texts[file.name] = Buffer.from(await file.read()).toString();
  return { label: volume.label, texts };
}

const FILES = { "user-data": TOML, "meta-data": "", "A file with a long name.txt": "x".repeat(70_000) };

describe("readIso9660()", () => {
  test.each([
    ["Rock Ridge", ["-R"]],
    ["Joliet", ["-J"]],
    ["both", ["-J", "-R"]],
  ])("reads label and files with the names of %s", async (name, options) => {
    const path = await makeIso(`${name}.iso`, "cidata", await content(`${name} files`, FILES), options);
    const volume = await readBy(readIso9660, path);
    expect(volume).toEqual({ label: "cidata", texts: FILES });
    expect(await readBy(readFat, path)).toBeUndefined();
  });
});

describe("readFat()", () => {
  test.each([12, 16, 32])("reads label and files of FAT%d", async (bits) => {
    const path = await makeFat(`fat${bits}.img`, "CIDATA", await content(`fat${bits} files`, FILES), bits);
    const volume = await readBy(readFat, path);
    expect(volume).toEqual({ label: "CIDATA", texts: FILES });
    expect(await readBy(readIso9660, path)).toBeUndefined();
  });
});

test("readers take any damage as a fault or as something else to read, and always end", async () => {
  const from = await content("damaged files", { "user-data": TOML });
  const volumes = [
    {
      reader: readIso9660,
      path: await makeIso("damaged.iso", "cidata", from, ["-J", "-R"]),
      span: 60 * 2048,
      from: 16 * 2048,
    },
    { reader: readFat, path: await makeFat("damaged.img", "CIDATA", from, 12), span: 40 * 1024, from: 0 },
  ];
  const seen = new Set<string>();
  for (const { reader, path, span, from: start } of volumes) {
    const good = await readFile(path);
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(good);
      for (let flip = 0; flip < 4; flip++) {
        const at = start + ((round * 7919 + flip * 104_729) % span);
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << ((round + flip) % 8));
      }
      await writeFile(`${path}.flipped`, bytes);
      const outcome = await readBy(reader, `${path}.flipped`).catch((thrown: unknown) => thrown);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(Fault);
      seen.add(outcome instanceof Fault ? outcome.code : "read");
    }
  }
  expect([...seen].toSorted()).toEqual(["malformed", "read"]);
}, 120_000);

/** A root with these block devices, the first being the disk that was started. */
async function machine(name: string, drives: readonly string[]): Promise<string> {
  const root = join(folder, name);
  for (const each of ["dev/sparkler", "sys/class/block"]) await mkdir(join(root, each), { recursive: true });
  for (const [at, path] of ["/dev/null", ...drives].entries()) {
    const device = `vd${String.fromCharCode(97 + at)}`;
    await symlink(path, join(root, "dev", device));
    await writeFile(join(root, "sys/class/block", device), "");
  }
  await symlink("../vda", join(root, "dev/sparkler/disk"));
  return root;
}

function ovf(value: string, extra = ""): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1">` +
    `<PropertySection><Property oe:key="hostname" oe:value="x"/><Property oe:key="user-data" oe:value="${value}"/>${extra}</PropertySection></Environment>\n`
  );
}

describe("readUserData() from drives", () => {
  test("takes a NoCloud volume, and the property of an OVF CD-ROM in base64 and gzip, in that order of weight", async () => {
    const packed = gzipSync(Buffer.from(TOML)).toString("base64");
    const cd = await makeIso("ovf.iso", "OVF ENV", await content("ovf files", { "ovf-env.xml": ovf(packed) }), ["-R"]);
    const noCloud = await makeFat("nocloud.img", "CIDATA", await content("nocloud files", FILES), 12);
    const read = orThrow(await readUserData({ root: await machine("two drives", [noCloud, cd]) }));
    expect(read.map(({ source }) => source)).toEqual(["CD-ROM vdc: ovf-env.xml", "volume vdb: user-data"]);
    expect(read.map(({ settings }) => settings)).toEqual([{ motd: "from a drive" }, { motd: "from a drive" }]);
  });

  test.each([
    ["two documents on one CD-ROM", { "user-data": TOML, "ovf-env.xml": ovf("") }, "exactly one"],
    ["a property that is not base64", { "ovf-env.xml": ovf("%%%") }, "base64"],
    ["the property twice", { "ovf-env.xml": ovf("", '<Property oe:key="user-data" oe:value=""/>') }, "more than once"],
    ["XML that is none", { "ovf-env.xml": "<Environment>" }, "OVF environment"],
    ["TOML that is none", { "user-data": "[settings\n" }, "TOML"],
    ["what is meant for cloud-init", { "user-data": "#cloud-config\n" }, "cloud-init"],
  ])("refuses %s and says where it is", async (name, files, said) => {
    const cd = await makeIso(`${name}.iso`, "X", await content(`${name} files`, files), ["-R"]);
    const read = await readUserData({ root: await machine(name, [cd]) });
    const text = read.ok ? "" : JSON.stringify((read.fault as unknown as { problems: unknown }).problems);
    expect(text).toContain(said);
    expect(text).toContain("vdb");
  });

  test("passes over drives that hold nothing of ours", async () => {
    const other = await makeIso("other.iso", "MUSIC", await content("other files", { song: "la" }), ["-R"]);
    await writeFile(join(folder, "noise"), Buffer.alloc(MIB, 0x5a));
    const root = await machine("nothing of ours", [other, join(folder, "noise")]);
    expect(orThrow(await readUserData({ root }))).toEqual([]);
  });
});
