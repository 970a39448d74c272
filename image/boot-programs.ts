/**
 * What is written in C, compiled with the compiler of the locked `build` set: the selector as a UEFI application, the init
 * and the launcher of `apiclient` as static programs, the API server's add-on as a shared object. Equal sources give equal
 * bytes, wherever the work folder is.
 */
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../base/result.ts";
import { type BuildTools, runTool } from "./format/build-tools.ts";

const sources = fileURLToPath(new URL("../boot/", import.meta.url));
const peerSource = fileURLToPath(new URL("../api/peer/peer.c", import.meta.url));
const launcherSource = fileURLToPath(new URL("../api/launcher/apiclient.c", import.meta.url));

/** Folders of boot/ that a program is compiled from; every .c file in them belongs to it. */
const FOLDERS = { selector: ["formats", "selector"], init: ["formats", "init"] } as const;

const WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow", "-Wvla", "-Wstrict-prototypes"] as const;

/** Nothing of the place, the time or the machine in the result. */
const REPRODUCIBLE = ["-ffile-prefix-map=/work=.", "-frandom-seed=sparkler", "-g0", "-Wl,--build-id=none"] as const;

const SELECTOR_FLAGS = [
  "-std=gnu11",
  "-O2",
  "-ffreestanding",
  "-fshort-wchar",
  "-fPIC",
  "-fvisibility=hidden",
  "-fno-stack-protector", // there is no library to call when the guard is hit
  "-fno-strict-aliasing",
  "-fno-asynchronous-unwind-tables",
  "-mno-red-zone",
  "-maccumulate-outgoing-args",
  "-fcf-protection=none",
  "-mgeneral-regs-only",
  "-DGNU_EFI_USE_MS_ABI",
  "-isystem",
  "/usr/include/efi",
  "-isystem",
  "/usr/include/efi/x86_64",
] as const;

const SELECTOR_LINK = [
  "-shared",
  "-nostdlib",
  "-Wl,-Bsymbolic",
  "-Wl,-z,nocombreloc",
  "-Wl,-z,noexecstack",
  "-Wl,--no-undefined",
  "-Wl,--fatal-warnings",
  "-Wl,-T,/usr/lib/elf_x86_64_efi.lds",
  "/usr/lib/crt0-efi-x86_64.o",
] as const;

/** Sections that the firmware loads; everything else of the linker's output stays behind. */
const SELECTOR_SECTIONS = [".text", ".sdata", ".data", ".rodata", ".dynamic", ".dynsym", ".rel*", ".rela*", ".reloc"];

const STATIC_FLAGS = [
  "-specs=/usr/lib/x86_64-linux-musl/musl-gcc.specs",
  // The kernel's own headers come after those of the C library, which must not meet another one's.
  "-idirafter",
  "/usr/include",
  "-idirafter",
  "/usr/include/x86_64-linux-gnu",
  "-std=gnu11",
  "-Os",
  "-fPIE",
  "-fstack-protector-strong",
  "-fstack-clash-protection",
  "-ftrivial-auto-var-init=zero",
  "-fno-asynchronous-unwind-tables",
  "-ffunction-sections",
  "-fdata-sections",
] as const;

const STATIC_LINK = [
  "-static-pie",
  "-s",
  "-Wl,--gc-sections",
  "-Wl,-z,relro",
  "-Wl,-z,now",
  "-Wl,-z,noexecstack",
  "-Wl,--fatal-warnings",
] as const;

const ADDON_FLAGS = [
  "-std=gnu11",
  "-O2",
  "-fPIC",
  "-shared",
  "-fvisibility=hidden",
  "-fstack-protector-strong",
  "-Wl,-z,relro",
  "-Wl,-z,now",
  "-Wl,-z,noexecstack",
] as const;

/** Compiles the add-on by which the API server asks who calls (api/peer) to `target`, a name below `tools.work`. */
export async function compilePeer(tools: BuildTools, target: string): Promise<void> {
  await mkdir(join(tools.work, "peer"), { recursive: true });
  await cp(peerSource, join(tools.work, "peer/peer.c"));
  const output = ["-o", `/work/${target}`, "peer/peer.c"];
  await runTool(tools, ["/usr/bin/gcc", ...ADDON_FLAGS, ...WARNINGS, ...REPRODUCIBLE, "-s", ...output]);
}

/** Compiles the launcher of `apiclient` in containers (api/launcher) to `target`, a name below `tools.work`. */
export async function compileLauncher(tools: BuildTools, target: string): Promise<void> {
  await compileStatic(tools, launcherSource, target);
}

/** Compiles one file to a program that needs nothing but the kernel. */
export async function compileStatic(tools: BuildTools, source: string, target: string): Promise<void> {
  await mkdir(join(tools.work, "static"), { recursive: true });
  const file = `static/${basename(source)}`;
  await cp(source, join(tools.work, file));
  const flags = [...STATIC_FLAGS, ...WARNINGS, ...REPRODUCIBLE, ...STATIC_LINK];
  await runTool(tools, ["/usr/bin/gcc", ...flags, file, "-o", `/work/${target}`]);
}

/** Compiles the boot selector to `target`, a name below `tools.work`. */
export async function compileSelector(tools: BuildTools, target: string): Promise<void> {
  const files = await stageSources(tools, "selector");
  const linked = `/work/${target}.so`;
  await runTool(tools, [
    "/usr/bin/gcc",
    ...SELECTOR_FLAGS,
    ...WARNINGS,
    ...REPRODUCIBLE,
    ...SELECTOR_LINK,
    ...files,
    "-l:libgnuefi.a",
    "-o",
    linked,
  ]);
  await runTool(tools, [
    "/usr/bin/objcopy",
    ...SELECTOR_SECTIONS.map((name) => `--only-section=${name}`),
    "--output-target=efi-app-x86_64",
    "--subsystem=10",
    linked,
    `/work/${target}`,
  ]);
  await rm(join(tools.work, `${target}.so`));
}

/** Compiles the init of the initramfs to `target`, a name below `tools.work`. */
export async function compileInit(tools: BuildTools, target: string): Promise<void> {
  const files = await stageSources(tools, "init");
  await runTool(tools, [
    "/usr/bin/gcc",
    ...STATIC_FLAGS,
    ...WARNINGS,
    ...REPRODUCIBLE,
    ...STATIC_LINK,
    ...files,
    "-o",
    `/work/${target}`,
  ]);
}

/** Copies what the program is made of below the work folder and names its .c files, in a fixed order. */
async function stageSources(tools: BuildTools, program: keyof typeof FOLDERS): Promise<readonly string[]> {
  const files: string[] = [];
  for (const folder of FOLDERS[program]) {
    const target = join(tools.work, "boot", folder);
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await cp(join(sources, folder), target, { recursive: true });
    const names = (await readdir(target)).filter((name) => name.endsWith(".c"));
    files.push(...names.toSorted().map((name) => `boot/${folder}/${name}`));
  }
  if (files.length === 0) throw new Fault("file-missing", `Cannot compile the ${program}: no source files`);
  return files;
}
