/** Where the processes of a container are in the tree of cgroups, and whether there are any. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What all host and bootstrap containers take together is limited there. */
const SLICE = "hostcontainers.slice";
const PREFIX = "container";

/** For a specification: slice, prefix and name, of which runc makes a scope of systemd's. */
export function cgroupsPath(id: string): string {
  return `${SLICE}:${PREFIX}:${id}`;
}

/** True while a process of the container lives, as the kernel has it: whether containerd and the runner are there or not. */
export async function hasProcesses(id: string, root: string = "/sys/fs/cgroup"): Promise<boolean> {
  const events = join(root, SLICE, `${PREFIX}-${id}.scope`, "cgroup.events");
  return /^populated 1$/m.test(await readFile(events, "utf8").catch(() => ""));
}
