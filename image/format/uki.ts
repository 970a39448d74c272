/**
 * The unified kernel image (UAPI group's specification 5): systemd's EFI stub with sections for os-release, command
 * line, initramfs and kernel, laid out one after another at page boundaries behind the stub's own.
 */
import { copyFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { type BuildTools, runTool } from "./build-tools.ts";

const STUB = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";
const PAGE = 4096;

export type Section = { readonly name: string; readonly file: string; readonly size: number };
export type PlacedSection = Section & { readonly address: bigint };

function align(address: bigint): bigint {
  return ((address + BigInt(PAGE) - 1n) / BigInt(PAGE)) * BigInt(PAGE);
}

/** Puts sections behind `end`, each at the next page. Pure. */
export function placeSections(end: bigint, sections: readonly Section[]): readonly PlacedSection[] {
  let next = align(end);
  return sections.map((section) => {
    const placed = { ...section, address: next };
    next = align(next + BigInt(section.size));
    return placed;
  });
}

/** Reads `objdump --section-headers` for the end of the last section in memory. */
export function endOfSections(listing: string): bigint {
  const rows = [...listing.matchAll(/^\s*\d+\s+\S+\s+([0-9a-f]{8})\s+([0-9a-f]{16})\s/gm)];
  const ends = rows.map((row) => BigInt(`0x${row[1]}`) + BigInt(`0x${row[2]}`));
  if (ends.length === 0) throw new Fault("uki-failed", "Cannot find a section in the EFI stub");
  return ends.reduce((most, end) => (end > most ? end : most), 0n);
}

export type UkiOptions = {
  readonly osRelease: string;
  readonly commandLine: string;
  /** Paths on the building machine or below the work folder. */
  readonly initramfs: Uint8Array;
  readonly kernel: string;
  /** Result, below the work folder. */
  readonly image: string;
};

export async function makeUki(tools: BuildTools, options: UkiOptions): Promise<void> {
  const at = (name: string): string => join(tools.work, name);
  await writeFile(at("uki.osrel"), options.osRelease);
  await writeFile(at("uki.cmdline"), options.commandLine);
  await writeFile(at("uki.initrd"), options.initramfs);
  await copyFile(options.kernel, at("uki.linux"));
  const listing = await runTool(tools, ["/usr/bin/objdump", "--section-headers", STUB]);
  const names = ["osrel", "cmdline", "initrd", "linux"];
  const sections = await Promise.all(
    names.map(async (name) => ({ name: `.${name}`, file: `uki.${name}`, size: (await stat(at(`uki.${name}`))).size })),
  );
  const placed = placeSections(endOfSections(listing.stdout), sections);
  const added = placed.flatMap(({ name, file, address }) => [
    `--add-section=${name}=/work/${file}`,
    `--change-section-vma=${name}=0x${address.toString(16)}`,
  ]);
  await runTool(tools, ["/usr/bin/objcopy", ...added, STUB, `/work/${options.image}`]);
}
