/**
 * The way of an image, in order: packages and programs → root tree → root file system and hash tree → kernel image →
 * disk → what is published beside it. Every step reads and writes below one work folder; results lie in its `out`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { orThrow } from "../base/result.ts";
import { crc32c } from "../base/crc32c.ts";
import { compileInit, compileLauncher, compilePeer, compileSelector } from "./boot-programs.ts";
import { kernelCommandLine } from "./command-line.ts";
import { type BuiltContainer, buildContainer, placeBuiltIn } from "./containers/build.ts";
import { type Definitions, readDefinitions } from "./definitions.ts";
import { makeExecutable } from "./executable.ts";
import type { BuildTools } from "./format/build-tools.ts";
import { makeErofs } from "./format/erofs.ts";
import { makeInitramfs } from "./format/initramfs.ts";
import { makeUki } from "./format/uki.ts";
import { derivedSalt, derivedUuid } from "./format/uuid.ts";
import { makeVerity, type Verity } from "./format/verity.ts";
import type { Inputs } from "./inputs.ts";
import type { Overlay } from "./overlay.ts";
import { makeDiskImage, PARTITION_FILES } from "./partitions.ts";
import { publish } from "./publish.ts";
import { CLIENT, stageClient } from "./root/client.ts";
import { osReleaseText, stageFirstParty } from "./root/first-party.ts";
import { stageJoined } from "./root/join.ts";
import { type Kernel, stageKernel } from "./root/kernel.ts";
import type { UnpackedPackage } from "./root/select.ts";
import { type Placed, stageRoot } from "./root/stage.ts";
import { type KeyFiles, placeKey, signPe } from "./signing/sign.ts";
import { osFolder, type PackageOptions, toolRoot, unpackImageSet } from "./tools.ts";

export type Assembly = {
  /** An empty folder but for `out`, which takes the results. */
  readonly work: string;
  readonly name: string;
  readonly variant: string;
  readonly inputs: Inputs;
  readonly overlays: readonly Overlay[];
  readonly keys?: KeyFiles | undefined;
  readonly mirrorUrl?: string | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
};

/** Names below the work folder. */
const TREE = "tree";
const HOST = "sparkler-host";
const CONTEXTS = "file_contexts";
const PEER = "peer.node";
const LAUNCHER = "apiclient";

/** Does all of it. Throws the fault of the step that failed. */
export async function assemble(assembly: Assembly): Promise<void> {
  const { work, variant, overlays, progress, signal } = assembly;
  const definitions = orThrow(await readDefinitions(osFolder, variant, overlays));
  const packages: PackageOptions = { mirrorUrl: assembly.mirrorUrl, signal };
  const root = await progress.step("Build tools", (report) => toolRoot("build", { ...packages, report }));
  const tools: BuildTools = { root, work, ...(signal === undefined ? {} : { signal }) };
  const unpacked = await progress.step("Packages of the image", (report) =>
    unpackImageSet(variant, { ...packages, report }),
  );
  await progress.step("Programs in C", async () => {
    await placeKey(tools, assembly.keys);
    await compileInit(tools, "init");
    await compileSelector(tools, "selector.efi");
    await signPe(tools, "selector.efi");
    await compilePeer(tools, PEER);
    await compileLauncher(tools, LAUNCHER);
  });
  const entry = overlays.find((each) => each.entry !== undefined)?.entry;
  await progress.step("Host executable", () => makeExecutable(join(work, HOST), { entry, signal }));
  const containers = await progress.step("Container images", (report) =>
    buildContainers(definitions.variant.containers ?? [], { ...packages, report }),
  );
  const tree = await progress.step("Root tree", () =>
    makeTree(tools, definitions, unpacked, { ...assembly, containers }),
  );
  const verity = await progress.step("Root file system and hash tree", () => makeRoot(tools, variant));
  await progress.step("Kernel image", () => makeKernelImage(tools, tree.kernel, { definitions, verity }));
  await progress.step("Disk image", () => makeDiskImage(tools, variant, join(work, "out", `${assembly.name}.img`)));
  await progress.step("Update images and documents", () =>
    publish(tools, {
      ...assembly,
      tree: join(work, TREE),
      placed: tree.placed,
      definitions: definitions.packages,
      containers,
    }),
  );
}

/** Those that the root carries. */
async function buildContainers(names: readonly string[], options: PackageOptions): Promise<readonly BuiltContainer[]> {
  const built: BuiltContainer[] = [];
  for (const name of names) built.push(await buildContainer({ ...options, name, builtIn: true }));
  return built;
}

async function makeTree(
  tools: BuildTools,
  { packages, rootfs }: Definitions,
  unpacked: readonly UnpackedPackage[],
  { variant, inputs, containers }: Assembly & { readonly containers: readonly BuiltContainer[] },
): Promise<{ readonly kernel: Kernel; readonly placed: readonly Placed[] }> {
  const tree = join(tools.work, TREE);
  const executable = join(tools.work, HOST);
  const selected = await stageRoot(tree, packages, unpacked, [executable]);
  const kernel = await stageKernel(tools, packages, unpacked, { tree: TREE, early: "early" });
  const joined = await stageJoined(tree, packages, unpacked);
  const own = await stageFirstParty(tree, {
    definitions: packages,
    rootfs,
    executable,
    addon: join(tools.work, PEER),
    osRelease: osReleaseText({ version: inputs.version, variant, build: inputs.build }),
  });
  const client = packages.some(({ name }) => name === CLIENT)
    ? await stageClient(tree, join(tools.work, LAUNCHER))
    : [];
  const builtIn: Placed[] = [];
  for (const container of containers) builtIn.push(...(await placeBuiltIn(container, tree)));
  const versions = new Map(unpacked.map(({ name, version }) => [name, version]));
  const theirs = selected.map(({ path, debian, definition }) => ({
    path,
    definition,
    debian,
    version: versions.get(debian),
  }));
  return { kernel, placed: [...theirs, ...kernel.placed, ...joined, ...own, ...client, ...builtIn] };
}

async function makeRoot(tools: BuildTools, variant: string): Promise<Verity> {
  await writeFile(join(tools.work, CONTEXTS), await readFile(join(osFolder, "policy", CONTEXTS)));
  await makeErofs(tools, {
    tree: TREE,
    image: PARTITION_FILES.root,
    uuid: derivedUuid(`${variant}:root`),
    fileContexts: CONTEXTS,
  });
  return makeVerity(tools, {
    data: PARTITION_FILES.root,
    hash: PARTITION_FILES.hash,
    uuid: derivedUuid(`${variant}:hash`),
    salt: derivedSalt(variant),
  });
}

async function makeKernelImage(
  tools: BuildTools,
  kernel: Kernel,
  { definitions, verity }: { readonly definitions: Definitions; readonly verity: Verity },
): Promise<void> {
  const { work } = tools;
  await makeUki(tools, {
    osRelease: await readFile(join(work, TREE, "usr/lib/os-release"), "utf8"),
    commandLine: kernelCommandLine(definitions.variant.kernelArguments, verity),
    initramfs: await makeInitramfs(work, "init", kernel.initramfs),
    kernel: kernel.image,
    image: "sparkler.efi",
  });
  await signPe(tools, "sparkler.efi");
  await writeFile(join(work, "sparkler.crc"), checksumText(await readFile(join(work, "sparkler.efi"))));
}

/** What the selector holds a kernel image to: CRC-32C in eight hexadecimal digits, a space, the size in bytes. */
export function checksumText(image: Uint8Array): string {
  return `${crc32c(image).toString(16).padStart(8, "0")} ${image.length}\n`;
}
