/**
 * Building an image: from the locked packages and the project's own sources to a disk that boots, in a work folder of
 * its own. The finished folder appears under its name at once; an interrupted build leaves nothing.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { orThrow } from "../base/result.ts";
import { crc32c } from "../base/crc32c.ts";
import { compileInit, compileSelector } from "./boot-programs.ts";
import { kernelCommandLine } from "./command-line.ts";
import { readDefinitions } from "./definitions.ts";
import { makeExecutable } from "./executable.ts";
import type { BuildTools } from "./format/build-tools.ts";
import { makeDisk } from "./format/disk.ts";
import { makeErofs } from "./format/erofs.ts";
import { makeExt4 } from "./format/ext4.ts";
import { makeFat } from "./format/fat.ts";
import { makeInitramfs } from "./format/initramfs.ts";
import { makeUki } from "./format/uki.ts";
import { derivedSalt, derivedUuid } from "./format/uuid.ts";
import { makeVerity } from "./format/verity.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { planLayout, SIZES } from "./layout.ts";
import { osReleaseText, stageFirstParty } from "./root/first-party.ts";
import { stageKernel } from "./root/kernel.ts";
import { stageRoot } from "./root/stage.ts";
import { buildFolder, osFolder, toolRoot, unpackImageSet } from "./tools.ts";

export type BuildOptions = {
  readonly variant: string;
  readonly mirrorUrl?: string | undefined;
  /** Fail when a locked package is gone from the mirror, in place of resolving again. */
  readonly locked?: boolean;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
};

export type BuiltImage = {
  readonly name: string;
  readonly folder: string;
  /** The raw disk image. */
  readonly disk: string;
  readonly version: string;
  readonly variant: string;
  /** True when the image was there already. */
  readonly reused: boolean;
};

/** Builds the image of a variant, or finds the one that the present sources would give. */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { variant } = options;
  const inputs = await readInputs(variant);
  const name = `sparkler-${variant}-x86_64-${inputs.version}-${inputs.build}`;
  const folder = join(buildFolder, "images", name);
  const image = { name, folder, disk: join(folder, `${name}.img`), version: inputs.version, variant };
  if (await isBuiltFrom(folder, inputs)) return { ...image, reused: true };
  await mkdir(join(buildFolder, "images"), { recursive: true });
  const work = await mkdtemp(join(buildFolder, "images", ".building-"));
  try {
    await buildIn(work, name, inputs, options);
    options.signal?.throwIfAborted();
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, "out"), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { ...image, reused: false };
}

/** The file in an image's folder that says which inputs it was made from. */
const INPUTS_FILE = "inputs.sha256";

async function isBuiltFrom(folder: string, inputs: Inputs): Promise<boolean> {
  if (!existsSync(folder)) return false;
  return (await readFile(join(folder, INPUTS_FILE), "utf8").catch(() => "")).trim() === inputs.digest;
}

async function buildIn(work: string, name: string, inputs: Inputs, options: BuildOptions): Promise<void> {
  const { variant, progress, signal, mirrorUrl } = options;
  const common = { ...(mirrorUrl === undefined ? {} : { mirrorUrl }), ...(signal === undefined ? {} : { signal }) };
  const definitions = orThrow(await readDefinitions(osFolder, variant));
  const root = await progress.step("Build tools", (report) => toolRoot("build", { ...common, report }));
  const tools: BuildTools = { root, work, ...(signal === undefined ? {} : { signal }) };
  const unpacked = await progress.step("Packages of the image", (report) =>
    unpackImageSet(variant, { ...common, report }),
  );
  await progress.step("Boot selector and init", async () => {
    await compileSelector(tools, "selector.efi");
    await compileInit(tools, "init");
  });
  await progress.step("Host executable", () => makeExecutable(join(work, "sparkler-host"), signal));
  const kernel = await progress.step("Root tree", async () => {
    await stageRoot(join(work, "tree"), definitions.packages, unpacked, [join(work, "sparkler-host")]);
    const staged = await stageKernel(tools, definitions.packages, unpacked, { tree: "tree", early: "early" });
    await stageFirstParty(join(work, "tree"), {
      definitions: definitions.packages,
      packages: join(osFolder, "packages"),
      executable: join(work, "sparkler-host"),
      osRelease: osReleaseText({ version: inputs.version, variant, build: inputs.build }),
    });
    return staged;
  });
  const verity = await progress.step("Root file system and hash tree", async () => {
    await makeErofs(tools, { tree: "tree", image: "root.erofs", uuid: derivedUuid(`${variant}:root`) });
    return makeVerity(tools, {
      data: "root.erofs",
      hash: "root.verity",
      uuid: derivedUuid(`${variant}:hash`),
      salt: derivedSalt(variant),
    });
  });
  await progress.step("Kernel image", async () => {
    await makeUki(tools, {
      osRelease: await readFile(join(work, "tree/usr/lib/os-release"), "utf8"),
      commandLine: kernelCommandLine(definitions.variant.kernelArguments, verity),
      initramfs: await makeInitramfs(work, "init", kernel.initramfs),
      kernel: kernel.image,
      image: "sparkler.efi",
    });
    await writeFile(join(work, "sparkler.crc"), checksumText(await readFile(join(work, "sparkler.efi"))));
  });
  await progress.step("Disk image", async () => {
    await makePartitions(tools, variant);
    await mkdir(join(work, "out"));
    await makeDisk(join(work, "out", `${name}.img`), planLayout(variant), {
      efi: join(work, "efi.fat"),
      boot: join(work, "boot.fat"),
      root: join(work, "root.erofs"),
      hash: join(work, "root.verity"),
      private: join(work, "private.ext4"),
      data: join(work, "data.ext4"),
    });
  });
  await writeFile(join(work, "out", INPUTS_FILE), `${inputs.digest}\n`);
}

async function makePartitions(tools: BuildTools, variant: string): Promise<void> {
  const uuid = (name: string): string => derivedUuid(`${variant}:${name}`);
  await makeFat(tools, {
    image: "efi.fat",
    sizeMiB: SIZES.EFI,
    label: "SPARKLER-EF",
    files: { "/EFI/BOOT/BOOTX64.EFI": "selector.efi" },
  });
  await makeFat(tools, {
    image: "boot.fat",
    sizeMiB: SIZES.BOOT,
    label: "SPARKLER-BT",
    files: { "/EFI/Linux/sparkler.efi": "sparkler.efi", "/EFI/Linux/sparkler.crc": "sparkler.crc" },
  });
  await mkdir(join(tools.work, "empty"));
  for (const each of ["var", "opt", "mnt"]) await mkdir(join(tools.work, "data-content", each), { recursive: true });
  await makeExt4(tools, {
    image: "private.ext4",
    sizeMiB: SIZES.PRIVATE,
    label: "SPARKLER-PRIV",
    uuid: uuid("private"),
    content: "empty",
    growable: false,
  });
  await makeExt4(tools, {
    image: "data.ext4",
    sizeMiB: SIZES.DATA,
    label: "SPARKLER-DATA",
    uuid: uuid("data"),
    content: "data-content",
    growable: true,
  });
}

/** What the selector holds a kernel image to: CRC-32C in eight hexadecimal digits, a space, the size in bytes. */
function checksumText(image: Uint8Array): string {
  return `${crc32c(image).toString(16).padStart(8, "0")} ${image.length}\n`;
}
