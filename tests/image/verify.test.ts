/** `verifyImage()` on the image as it is built, and on copies of it in which one byte is another. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, link, mkdir, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentProgress } from "../../base/progress.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import { readTable } from "../../disk/gpt/read.ts";
import { runTool } from "../../image/format/build-tools.ts";
import { buildImage } from "../../image/build.ts";
import { type FoundImage, outputPath, readReport } from "../../image/find-image.ts";
import { toolRoot } from "../../image/tools.ts";
import { verifyImage } from "../../image/verify.ts";

const MINUTES = 60_000;
const MIB = 2 ** 20;
let folder = "";
let tools = "";
let image: FoundImage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-verify-"));
  tools = await toolRoot("build");
  image = await buildImage({ variant: "qemu-dev", progress: silentProgress });
}, 10 * MINUTES);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Names of the checks that do not pass. */
async function failing(which: FoundImage): Promise<readonly string[]> {
  const checks = await verifyImage({ image: which, tools, scratch: folder });
  expect(checks.length).toBe(8);
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

/** A copy whose disk has another byte at `offset`, from the start of the named partition, or of the disk for "". */
async function flipped(partition: string, offset: number): Promise<FoundImage> {
  const copy = { name: image.name, folder: join(folder, `copy-${partition}`) };
  await mkdir(copy.folder);
  for (const file of await readdir(image.folder)) {
    if (!file.endsWith(".img"))
      await link(join(image.folder, file), join(copy.folder, file)).catch(() =>
        cp(join(image.folder, file), join(copy.folder, file)),
      );
  }
  const disk = outputPath(copy, "disk");
  orThrow(await run(["/usr/bin/cp", "--sparse=always", outputPath(image, "disk"), disk]));
  await using device = await FileDevice.open(disk, { sectorSize: 512 });
  const { table } = orThrow(await readTable(device));
  const start = Number(table.partitions.find(({ name }) => name === partition)?.firstLba ?? 0) * 512;
  await using file = await open(disk, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, start + offset);
  byte[0] = (byte[0] ?? 0) ^ 0x40;
  await file.write(byte, 0, 1, start + offset);
  return copy;
}

/** A certificate as an operator might have one. */
async function otherCertificate(): Promise<string> {
  const work = join(folder, "other");
  await mkdir(work);
  const argv = [
    "/usr/bin/openssl",
    "req",
    "-new",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-noenc",
    "-subj",
    "/CN=other/",
  ] as const;
  await runTool({ root: tools, work }, [...argv, "-keyout", "/work/key.pem", "-out", "/work/certificate.pem"]);
  return join(work, "certificate.pem");
}

test(
  "verifyImage() finds nothing wrong with the image",
  async () => {
    expect(await failing(image)).toEqual([]);
  },
  5 * MINUTES,
);

test.each([
  ["SPARKLER-BOOT-A", 10 * MIB, ["kernel image"]],
  ["SPARKLER-ROOT-A", 40 * MIB, ["hash tree of the root"]],
  ["SPARKLER-HASH-A", 300 * 1024, ["hash tree of the root"]],
])(
  "verifyImage() sees one changed byte in %s",
  async (partition, offset, checks) => {
    const copy = await flipped(partition, offset);
    expect(await failing(copy)).toEqual(
      expect.arrayContaining([...checks, "update images", "digests in the provenance"]),
    );
    await rm(copy.folder, { recursive: true });
  },
  5 * MINUTES,
);

test(
  "verifyImage() sees a damaged partition table, and a certificate of somebody else",
  async () => {
    const copy = await flipped("", 512 + 16); // the header's own checksum
    const [table, ...rest] = await verifyImage({ image: copy, tools, scratch: folder });
    expect(rest).toEqual([]);
    expect(table).toMatchObject({ name: "partition table", ok: false });
    await rm(copy.folder, { recursive: true });

    const certificate = await otherCertificate();
    const checks = await verifyImage({ image, tools, scratch: folder, certificate });
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["selector signature", "kernel image"]);
  },
  5 * MINUTES,
);

test("the report keeps what the project promises of an image", async () => {
  const report = await readReport(image);
  expect(report.setuid).toEqual([]);
  // The runtime that our own programs are compiled with is the one interpreter; tests/image/executable.test.ts tames it.
  expect(report.interpreters.map(({ path }) => path)).toEqual(["usr/bin/sparkler-host"]);
  expect(report.ports).toEqual([]);
  expect(report.executables.length).toBeLessThanOrEqual(150);
  const update = report.images.reduce((sum, { compressed }) => sum + (compressed ?? 0), 0);
  expect(update).toBeLessThanOrEqual(120_000_000);
});
