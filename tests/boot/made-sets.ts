/**
 * Images for set B that are not those of the build: a root with something else in place of systemd, a kernel image
 * without an init, a whole root with one file more. Made with the builder's own steps from the parts of set A.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32c } from "../../base/crc32c.ts";
import { type BuildTools, runTool } from "../../image/format/build-tools.ts";
import { encodeCpio, FOLDER_MODE } from "../../image/format/cpio.ts";
import { makeErofs } from "../../image/format/erofs.ts";
import { makeFat } from "../../image/format/fat.ts";
import { endOfSections, makeUki, placeSections } from "../../image/format/uki.ts";
import { derivedSalt, derivedUuid } from "../../image/format/uuid.ts";
import { makeVerity } from "../../image/format/verity.ts";
import type { Prepared } from "./prepared.ts";
import type { SetName } from "../../disk/set/sets.ts";
import { readPartition, type SetFiles, writePartition } from "./sets.ts";

const KERNEL_IMAGE = "::/EFI/Linux/sparkler.efi";
const PROGRAMS = join(import.meta.dir, "programs");

/** A work folder with what set A is made of: the sections of its kernel image as files named after them. */
export type Workshop = AsyncDisposable & { readonly tools: BuildTools; readonly image: string };

export async function openWorkshop(prepared: Prepared): Promise<Workshop> {
  const work = await mkdtemp(join(tmpdir(), "sparkler-sets-"));
  const tools: BuildTools = { root: prepared.build, work };
  await writeFile(join(work, "A.boot"), await readPartition(prepared.image, "A", "boot"));
  await runTool(tools, ["/usr/bin/mcopy", "-i", "/work/A.boot", KERNEL_IMAGE, "/work/A.efi"]);
  for (const name of ["osrel", "cmdline", "initrd", "linux"]) {
    const only = `--dump-section=.${name}=/work/A.${name}`;
    await runTool(tools, ["/usr/bin/objcopy", only, "/work/A.efi", "/work/scratch"]);
  }
  return { tools, image: prepared.image, [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }) };
}

export type MadeSet = {
  readonly name: string;
  /** Files of the root, path → bytes or a file below the work folder. */
  readonly program?: string | undefined;
  /** In place of the build's; default: that. */
  readonly initramfs?: Uint8Array;
  /** Put behind the command line. */
  readonly arguments?: readonly string[];
};

/** A tiny root whose systemd is `programs/PROGRAM.c`; without `program` there is none. */
export async function makeTinySet(workshop: Workshop, made: MadeSet): Promise<SetFiles> {
  const { tools } = workshop;
  const tree = join(tools.work, `${made.name}.tree`);
  const folders = ["dev", "etc", "proc", "run", "sys", "usr/lib/systemd", "usr/share/factory/etc"];
  for (const folder of folders) await mkdir(join(tree, folder), { recursive: true });
  if (made.program !== undefined) {
    await writeFile(join(tools.work, "program.c"), await readFile(join(PROGRAMS, `${made.program}.c`)));
    const target = `/work/${made.name}.tree/usr/lib/systemd/systemd`;
    await runTool(tools, ["/usr/bin/gcc", ...MUSL, "-static", "-Os", "-o", target, "/work/program.c"]);
  }
  return finishSet(workshop, made);
}

/** The root of set A with `files` added (path → text) and `links` (path → target). */
export async function makeWholeSet(
  workshop: Workshop,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<SetFiles> {
  const { tools, image } = workshop;
  await writeFile(join(tools.work, "A.root"), await readPartition(image, "A", "root"));
  await runTool(tools, ["/usr/bin/fsck.erofs", `--extract=/work/${name}.tree`, "/work/A.root"]);
  for (const [path, text] of Object.entries(files)) {
    const target = join(tools.work, `${name}.tree`, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return finishSet(workshop, { name });
}

/** An initramfs without an init: the kernel looks for a root of its own, finds none, and panics. */
export function initramfsWithoutInit(): Uint8Array {
  return encodeCpio([{ path: "dev", mode: FOLDER_MODE }]);
}

const MUSL = ["-specs=/usr/lib/x86_64-linux-musl/musl-gcc.specs"] as const;

async function finishSet({ tools }: Workshop, made: MadeSet): Promise<SetFiles> {
  const { name } = made;
  const at = (file: string): string => join(tools.work, file);
  await makeErofs(tools, { tree: `${name}.tree`, image: `${name}.root`, uuid: derivedUuid(name) });
  const verity = await makeVerity(tools, {
    data: `${name}.root`,
    hash: `${name}.hash`,
    uuid: derivedUuid(`${name}:hash`),
    salt: derivedSalt(name),
  });
  const own = ["roothash", "salt", "blocks"];
  const words = (await readFile(at("A.cmdline"), "utf8")).replaceAll("\0", "").split(" ");
  const kept = words.filter((word) => !own.some((each) => word.startsWith(`sparkler.${each}=`)));
  const pinned = [`roothash=${verity.rootHash}`, `salt=${verity.salt}`, `blocks=${verity.blocks}`];
  await makeUki(tools, {
    osRelease: await readFile(at("A.osrel"), "utf8"),
    commandLine: [...kept, ...(made.arguments ?? []), ...pinned.map((word) => `sparkler.${word}`)].join(" "),
    initramfs: made.initramfs ?? (await readFile(at("A.initrd"))),
    kernel: at("A.linux"),
    image: `${name}.efi`,
  });
  const image = await readFile(at(`${name}.efi`));
  await writeFile(at(`${name}.crc`), `${crc32c(image).toString(16).padStart(8, "0")} ${image.length}\n`);
  await makeFat(tools, {
    image: `${name}.boot`,
    sizeMiB: 48,
    label: "SPARKLER-BT",
    files: { "/EFI/Linux/sparkler.efi": `${name}.efi`, "/EFI/Linux/sparkler.crc": `${name}.crc` },
  });
  return { boot: at(`${name}.boot`), root: at(`${name}.root`), hash: at(`${name}.hash`) };
}

/**
 * Files that the kernel's stub takes from beside an image: an add-on that appends to the command line, and a
 * credential. Nothing vouches for them; the selector's way of starting keeps the stub from looking.
 */
export async function addStrayFiles({ tools }: Workshop, disk: string, set: SetName): Promise<void> {
  const at = (file: string): string => join(tools.work, file);
  await writeFile(at("stray.cmdline"), `sparkler.roothash=${"0".repeat(64)}`);
  await writeFile(at("stray.cred"), "stray");
  const { stdout } = await runTool(tools, ["/usr/bin/objdump", "--section-headers", ADD_ON_STUB]);
  const size = (await stat(at("stray.cmdline"))).size;
  const [place] = placeSections(endOfSections(stdout), [{ name: ".cmdline", file: "stray.cmdline", size }]);
  const address = `0x${place?.address.toString(16)}`;
  const section = ["--add-section=.cmdline=/work/stray.cmdline", `--change-section-vma=.cmdline=${address}`];
  await runTool(tools, ["/usr/bin/objcopy", ...section, ADD_ON_STUB, "/work/stray.efi"]);
  await writeFile(at("stray.boot"), await readPartition(disk, set, "boot"));
  const folders = ["/EFI/Linux/sparkler.efi.extra.d", "/loader", "/loader/addons", "/loader/credentials"];
  for (const folder of folders) await runTool(tools, ["/usr/bin/mmd", "-i", "/work/stray.boot", `::${folder}`]);
  const places = [
    ["stray.efi", "/EFI/Linux/sparkler.efi.extra.d/stray.addon.efi"],
    ["stray.efi", "/loader/addons/stray.addon.efi"],
    ["stray.cred", "/EFI/Linux/sparkler.efi.extra.d/stray.cred"],
    ["stray.cred", "/loader/credentials/stray.cred"],
  ];
  for (const [file, path] of places) {
    await runTool(tools, ["/usr/bin/mcopy", "-i", "/work/stray.boot", `/work/${file}`, `::${path}`]);
  }
  await writePartition(disk, set, "boot", await readFile(at("stray.boot")));
}

const ADD_ON_STUB = "/usr/lib/systemd/boot/efi/addonx64.efi.stub";
