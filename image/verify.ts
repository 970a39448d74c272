/**
 * Looking at a finished image as somebody would who did not build it: the table, the signatures, the chain of hashes from
 * the kernel image to the root, and that what is published beside the disk is what is on it. Other people's tools judge
 * where there are any. Nothing is changed.
 */
import { mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault, orThrow, reason } from "../base/result.ts";
import { FileDevice } from "../disk/gpt/file-device.ts";
import { readTable } from "../disk/gpt/read.ts";
import type { Partition } from "../disk/gpt/entry.ts";
import type { Table } from "../disk/gpt/table.ts";
import { PARTITION_TYPES } from "../disk/set/types.ts";
import { findSets } from "../disk/set/sets.ts";
import { checksumText } from "./assemble.ts";
import { type FoundImage, outputPath, readReport } from "./find-image.ts";
import { sha256 } from "./digest.ts";
import { type BuildTools, runTool } from "./format/build-tools.ts";
import { BLOCK } from "./format/verity.ts";
import { BOOT_FILES, SELECTOR_FILE } from "./partitions.ts";
import { OUTPUTS, UPDATE_IMAGES } from "./publish.ts";
import { verifyPe } from "./signing/sign.ts";

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };

export type VerifyOptions = {
  readonly image: FoundImage;
  /** The unpacked root of the `build` tools. */
  readonly tools: string;
  /** A folder in which a work folder is made and removed again. */
  readonly scratch: string;
  /** PEM of the certificate that signatures must be of; default: the one beside the image. */
  readonly certificate?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

const SECTOR = 512;
const CERTIFICATE = "certificate.pem";

/** Every check with its outcome; the image is good when all are. */
export async function verifyImage(options: VerifyOptions): Promise<readonly Check[]> {
  const { image, tools, scratch, signal } = options;
  const work = await mkdtemp(join(scratch, `.verifying-${process.pid}-`));
  try {
    const at: Work = { image, tools: { root: tools, work, ...(signal === undefined ? {} : { signal }) }, work };
    await writeFile(join(work, CERTIFICATE), await readFile(options.certificate ?? outputPath(image, "certificate")));
    const table = await readDisk(at).catch((thrown: unknown) => reason(thrown));
    if (typeof table === "string") return [{ name: "partition table", ok: false, detail: table }];
    return await runChecks(at, table);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Work = { readonly image: FoundImage; readonly tools: BuildTools; readonly work: string };

async function readDisk({ image }: Work): Promise<Table> {
  await using device = await FileDevice.open(outputPath(image, "disk"), { sectorSize: SECTOR });
  const { table, damage } = orThrow(await readTable(device));
  orThrow(findSets(table));
  if (damage.length === 0) return table;
  throw new Fault("damaged", `Cannot use the partition table: ${damage.map(({ message }) => message).join("; ")}`);
}

async function runChecks(at: Work, table: Table): Promise<readonly Check[]> {
  const names: Record<string, () => Promise<string>> = {
    "partition table": () => Promise.resolve(`${table.partitions.length} partitions, both copies good`),
    "selector signature": () => checkSelector(at, table),
    "kernel image": () => checkKernel(at, table),
    "hash tree of the root": () => checkTree(at, table),
    "root file system": () => checkRoot(at),
    "update images": () => checkUpdates(at, table),
    "digests in the provenance": () => checkProvenance(at),
    "content report": async () => `${(await readReport(at.image)).files} files`,
  };
  const checks: Check[] = [];
  for (const [name, check] of Object.entries(names)) {
    try {
      checks.push({ name, ok: true, detail: await check() });
    } catch (thrown) {
      at.tools.signal?.throwIfAborted();
      checks.push({ name, ok: false, detail: reason(thrown) });
    }
  }
  return checks;
}

async function checkSelector(at: Work, table: Table): Promise<string> {
  await extract(at, first(table, PARTITION_TYPES.efiSystem), "efi.fat");
  await readFat(at, "efi.fat", SELECTOR_FILE, "selector.efi");
  await verifyPe(at.tools, "selector.efi", CERTIFICATE);
  return "signed by the certificate";
}

async function checkKernel(at: Work, table: Table): Promise<string> {
  await extract(at, first(table, PARTITION_TYPES.boot), "boot.fat");
  await readFat(at, "boot.fat", BOOT_FILES.kernel, "kernel.efi");
  await readFat(at, "boot.fat", BOOT_FILES.checksum, "kernel.crc");
  const [kernel, sum] = await Promise.all(["kernel.efi", "kernel.crc"].map((name) => readFile(join(at.work, name))));
  if (kernel === undefined || sum?.toString("utf8") !== checksumText(kernel)) {
    throw new Fault("damaged", "Cannot use the kernel image: its checksum is not the one beside it");
  }
  await verifyPe(at.tools, "kernel.efi", CERTIFICATE);
  return "checksum right, signed by the certificate";
}

/** The root hash is the one that the signed kernel image carries. */
async function checkTree(at: Work, table: Table): Promise<string> {
  const dump = ["/usr/bin/objcopy", "-O", "binary", "--only-section=.cmdline"] as const;
  await runTool(at.tools, [...dump, "/work/kernel.efi", "/work/cmdline"]);
  const line = await readFile(join(at.work, "cmdline"), "utf8");
  const hash = /\bsparkler\.roothash=([0-9a-f]{64})\b/.exec(line)?.[1];
  const blocks = /\bsparkler\.blocks=(\d+)\b/.exec(line)?.[1];
  if (hash === undefined || blocks === undefined) {
    throw new Fault("damaged", "Cannot find a root hash on the kernel's command line");
  }
  await extract(at, first(table, PARTITION_TYPES.root), "root.erofs", Number(blocks) * BLOCK);
  await extract(at, first(table, PARTITION_TYPES.hash), "root.verity");
  await runTool(at.tools, ["/usr/sbin/veritysetup", "verify", "/work/root.erofs", "/work/root.verity", hash]);
  return `root hash ${hash}`;
}

async function checkRoot(at: Work): Promise<string> {
  await runTool(at.tools, ["/usr/bin/fsck.erofs", "/work/root.erofs"]);
  return "fsck.erofs finds nothing wrong";
}

/** What an update would write is what is on the disk. */
async function checkUpdates(at: Work, table: Table): Promise<string> {
  const types = { boot: PARTITION_TYPES.boot, root: PARTITION_TYPES.root, hash: PARTITION_TYPES.hash };
  for (const kind of UPDATE_IMAGES) {
    const file = `update${OUTPUTS[kind]}`;
    await Bun.write(join(at.work, file), Bun.file(outputPath(at.image, kind)));
    await runTool(at.tools, ["/usr/bin/zstd", "-q", "-d", "-f", `/work/${file}`, "-o", "/work/update.raw"]);
    const { size } = await stat(join(at.work, "update.raw"));
    await extract(at, first(table, types[kind]), "partition.raw", size);
    const sums = await Promise.all(["update.raw", "partition.raw"].map((name) => sha256(join(at.work, name))));
    if (sums[0] !== sums[1]) throw new Fault("damaged", `Cannot use "${kind}": it is not what is on the disk`);
  }
  return `${UPDATE_IMAGES.join(", ")} are what is on the disk`;
}

async function checkProvenance({ image }: Work): Promise<string> {
  const statement: unknown = JSON.parse(await readFile(outputPath(image, "provenance"), "utf8"));
  const subjects = subjectsOf(statement);
  if (subjects.length === 0) throw new Fault("damaged", "Cannot find a file in the provenance");
  for (const { name, digest } of subjects) {
    const found = await sha256(join(image.folder, name));
    if (found !== digest) throw new Fault("damaged", `Cannot use "${name}": its digest is ${found}, wanted ${digest}`);
  }
  return `${subjects.length} files have the digests they should`;
}

function subjectsOf(statement: unknown): readonly { readonly name: string; readonly digest: string }[] {
  if (typeof statement !== "object" || statement === null || !("subject" in statement)) return [];
  const list: readonly unknown[] = Array.isArray(statement.subject) ? statement.subject : [];
  return list.flatMap((each) => {
    if (typeof each !== "object" || each === null || !("name" in each) || !("digest" in each)) return [];
    const { name, digest } = each;
    const sum: unknown =
      typeof digest === "object" && digest !== null && "sha256" in digest ? digest.sha256 : undefined;
    return typeof name === "string" && !name.includes("/") && typeof sum === "string" ? [{ name, digest: sum }] : [];
  });
}

/** Copies a partition, or its first `size` bytes, to a file of the work folder. */
async function extract(at: Work, partition: Partition, to: string, size?: number): Promise<void> {
  const start = Number(partition.firstLba) * SECTOR;
  const whole = Number(partition.lastLba - partition.firstLba + 1n) * SECTOR;
  if (size !== undefined && size > whole)
    throw new Fault("damaged", `Cannot read ${size} bytes of "${partition.name}"`);
  await using disk = await open(outputPath(at.image, "disk"), "r");
  await using file = await open(join(at.work, to), "w");
  const buffer = Buffer.alloc(2 ** 20);
  const zero = Buffer.alloc(2 ** 20);
  const length = size ?? whole;
  for (let done = 0; done < length;) {
    const { bytesRead } = await disk.read(buffer, 0, Math.min(buffer.length, length - done), start + done);
    if (bytesRead === 0) throw new Fault("damaged", `Cannot read "${partition.name}": the disk image ends early`);
    const piece = buffer.subarray(0, bytesRead);
    if (!piece.equals(zero.subarray(0, bytesRead))) await file.write(piece, 0, bytesRead, done);
    done += bytesRead;
  }
  await file.truncate(length);
}

async function readFat(at: Work, image: string, path: string, to: string): Promise<void> {
  await runTool(at.tools, ["/usr/bin/mcopy", "-n", "-i", `/work/${image}`, `::${path}`, `/work/${to}`]);
}

function first(table: Table, type: string): Partition {
  const found = table.partitions
    .filter((each) => each.type === type)
    .toSorted((a, b) => (a.firstLba < b.firstLba ? -1 : 1))[0];
  if (found === undefined) throw new Fault("damaged", "Cannot find a partition in the table");
  return found;
}
