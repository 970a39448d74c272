/**
 * How far a host container is, as its runner says it: one small file in /run for each, replaced whole, so that whoever
 * changes settings can tell what came of it.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** Where everything about running host containers is; gone with a reboot. */
export const RUN_FOLDER = "/run/host-containers";

/** What ids of bootstrap containers begin with, and no name of a host container can. */
export const BOOTSTRAP_PREFIX = "boot.";

export const PHASES = ["starting", "pulling", "running", "failing", "stopping"] as const;
export type Phase = (typeof PHASES)[number];

export type Status = {
  readonly phase: Phase;
  /** What went wrong last, for `failing`. */
  readonly why?: string | undefined;
  /** The runner that says so. */
  readonly pid: number;
};

const schema: z.ZodType<Status> = z.object({
  phase: z.enum(PHASES),
  why: z.string().optional(),
  pid: z.number(),
});

export function runFolder(id: string, root: string = RUN_FOLDER): string {
  return join(root, id);
}

/** Says how far the container is. Never fails: the container matters more than what is said of it. */
export async function writeStatus(id: string, phase: Phase, why?: string, root?: string): Promise<void> {
  const folder = runFolder(id, root);
  const status: Status = { phase, pid: process.pid, ...(why === undefined ? {} : { why }) };
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await writeFile(join(folder, "status.new"), `${JSON.stringify(status)}\n`);
    await rename(join(folder, "status.new"), join(folder, "status"));
  } catch {
    // a full /run, at worst
  }
}

/** What the runner said last; undefined when it said nothing, or nothing that can be read. */
export async function readStatus(id: string, root?: string): Promise<Status | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(join(runFolder(id, root), "status"), "utf8")));
  } catch {
    return undefined;
  }
}

/** By id, of all of which anything was said since boot, and that were not taken away since. */
export async function readStatuses(root: string = RUN_FOLDER): Promise<ReadonlyMap<string, Status>> {
  const ids = await readdir(root).catch((): string[] => []); // nothing was said yet
  const found = await Promise.all(ids.map(async (id) => [id, await readStatus(id, root)] as const));
  return new Map(found.flatMap(([id, status]) => (status === undefined ? [] : [[id, status] as const])));
}
