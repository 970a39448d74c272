/**
 * The root file system: EROFS, every time stamp the same, owned by root, its UUID derived from the content's name so
 * that equal trees make equal bytes. SELinux labels are set here once there is a policy (`fileContexts`).
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SOURCE_DATE_EPOCH } from "../sandbox.ts";
import { type BuildTools, runTool } from "./build-tools.ts";

export type ErofsOptions = {
  /** Names below the work folder. */
  readonly tree: string;
  readonly image: string;
  readonly uuid: string;
  /** SELinux file contexts below the work folder. */
  readonly fileContexts?: string;
};

/** Below the work folder: which files are compressed otherwise than the rest. */
const HINTS = "erofs.hints";

/**
 * Large executables are stored as they are: their pages are read on demand, and unpacking a cluster for each costs more
 * than reading it. Images for updates are compressed as a whole, and better than cluster by cluster.
 */
const hintsText = [
  "0 ^usr/bin/sparkler-host$",
  "0 ^usr/lib/sparkler/client/sparkler-host$",
  "0 ^usr/bin/containerd",
  "0 ^usr/sbin/runc$",
  "0 ^usr/share/sparkler/containers/", // compressed inside, and mounted as they lie there
  "",
].join("\n");

/** Pure: the command line of mkfs.erofs(1). */
export function erofsArgv(options: ErofsOptions): readonly [string, ...string[]] {
  const labels = options.fileContexts === undefined ? [] : [`--file-contexts=/work/${options.fileContexts}`];
  return [
    "/usr/bin/mkfs.erofs",
    "--quiet",
    "-zlz4hc,12",
    "-C65536",
    `--compress-hints=/work/${HINTS}`,
    `-T${SOURCE_DATE_EPOCH}`,
    `-U${options.uuid}`,
    "--all-root",
    ...labels,
    `/work/${options.image}`,
    `/work/${options.tree}`,
  ];
}

export async function makeErofs(tools: BuildTools, options: ErofsOptions): Promise<void> {
  await writeFile(join(tools.work, HINTS), hintsText);
  await runTool(tools, erofsArgv(options));
}
