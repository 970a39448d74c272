/** The ext4 file systems of PRIVATE and DATA, made at build time so that the first boot formats nothing. */
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildTools, runTool } from "./build-tools.ts";

export type Ext4Options = {
  /** Result, below the work folder. */
  readonly image: string;
  readonly sizeMiB: number;
  readonly label: string;
  readonly uuid: string;
  /** A folder below the work folder whose content goes in. */
  readonly content: string;
  /** How often the file system may be doubled in size while in use, at most; room for its tables is kept free. */
  readonly growable: boolean;
};

/** Pure: the command line of mke2fs(8). The tables count as written, because the file is new and all zero. */
export function ext4Argv(options: Ext4Options): readonly [string, ...string[]] {
  const grow = options.growable ? ",resize=268435456" : "";
  return [
    "/usr/sbin/mke2fs",
    "-q",
    "-F",
    "-t",
    "ext4",
    "-b",
    "4096",
    "-I",
    "256",
    "-m",
    options.growable ? "1" : "0",
    "-L",
    options.label,
    "-U",
    options.uuid,
    "-E",
    `hash_seed=${options.uuid},assume_storage_prezeroed=1,root_owner=0:0,nodiscard${grow}`,
    "-d",
    `/work/${options.content}`,
    `/work/${options.image}`,
  ];
}

export async function makeExt4(tools: BuildTools, options: Ext4Options): Promise<void> {
  const path = join(tools.work, options.image);
  await rm(path, { force: true });
  await writeFile(path, "");
  await truncate(path, options.sizeMiB * 2 ** 20);
  await runTool(tools, ext4Argv(options));
}
