/**
 * The FAT file systems of the EFI system partition and the BOOT partitions, made with mtools(1), which need neither root
 * nor a mount. Times are fixed through SOURCE_DATE_EPOCH and the files' own; the serial number comes from a name.
 */
import { mkdir, truncate, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SOURCE_DATE_EPOCH } from "../sandbox.ts";
import { type BuildTools, runTool } from "./build-tools.ts";
import { derivedSalt } from "./uuid.ts";

export type FatOptions = {
  /** Result, below the work folder. */
  readonly image: string;
  readonly sizeMiB: number;
  /** At most 11 capital letters, digits, dashes. */
  readonly label: string;
  /** Path in the file system → file below the work folder. */
  readonly files: Readonly<Record<string, string>>;
};

export async function makeFat(tools: BuildTools, options: FatOptions): Promise<void> {
  const image = `/work/${options.image}`;
  await writeFile(join(tools.work, options.image), "");
  await truncate(join(tools.work, options.image), options.sizeMiB * 2 ** 20);
  const serial = derivedSalt(options.label).slice(0, 8);
  await runTool(tools, ["/usr/bin/mformat", "-i", image, "-v", options.label, "-N", serial, "::"]);
  const folders = new Set(Object.keys(options.files).flatMap(parents));
  for (const folder of folders) await runTool(tools, ["/usr/bin/mmd", "-i", image, `::${folder}`]);
  for (const [path, file] of Object.entries(options.files)) {
    await mkdir(dirname(join(tools.work, file)), { recursive: true });
    await utimes(join(tools.work, file), SOURCE_DATE_EPOCH, SOURCE_DATE_EPOCH);
    await runTool(tools, ["/usr/bin/mcopy", "-m", "-i", image, `/work/${file}`, `::${path}`]);
  }
}

/** Every folder above `path`, outermost first. */
export function parents(path: string): readonly string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, at) => `/${names.slice(0, at + 1).join("/")}`);
}
