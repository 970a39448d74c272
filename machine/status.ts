/**
 * What machines there are and how they are: read from their folders and asked of their APIs, nothing is changed.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../base/result.ts";
import { requestApi } from "./api.ts";
import { files } from "./paths.ts";
import { readEnded, readMachine, readRunning } from "./records.ts";
import type { Published } from "./published.ts";

export type MachineStatus = {
  readonly name: string;
  /** `starting`: QEMU runs and the API does not answer (yet). */
  readonly state: "running" | "starting" | "stopped";
  readonly folder: string;
  readonly apiSocket: string;
  readonly variant: string;
  readonly image: string;
  readonly memoryMib: number;
  readonly diskBytes: number;
  /** Bytes of the disk that take room on this machine. */
  readonly diskUsedBytes: number;
  readonly accelerator: "kvm" | "tcg" | null;
  readonly since: string | null;
  /** Port of this machine's loopback that leads to its admin container. */
  readonly sshPort: number | null;
  /** Further ports: here, and there. */
  readonly published: readonly Published[];
  /** How it last ended, when it is stopped. */
  readonly ended: string | null;
};

const askTimeoutMs = 3000;

/** Every machine under `base`, by name. */
export async function listMachines(base: string): Promise<readonly MachineStatus[]> {
  const entries = await readdir(base, { withFileTypes: true }).catch(() => []); // none was ever made
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
  const found = await Promise.all(names.sort().map((name) => machineStatus(base, name)));
  return found.filter((status) => status !== undefined);
}

/** One machine, or undefined when there is none of that name. */
export async function machineStatus(base: string, name: string): Promise<MachineStatus | undefined> {
  const folder = join(base, name);
  const machine = await readMachine(folder);
  if (machine === undefined) return undefined;
  const running = await readRunning(folder);
  const disk = await stat(join(folder, files.disk)).catch(() => undefined); // taken away by hand
  return {
    name,
    state: running === undefined ? "stopped" : (await answers(folder)) ? "running" : "starting",
    folder,
    apiSocket: join(folder, files.api),
    variant: machine.variant,
    image: machine.image,
    memoryMib: machine.memoryMib,
    diskBytes: disk?.size ?? 0,
    diskUsedBytes: (disk?.blocks ?? 0) * 512,
    accelerator: running?.accelerator ?? null,
    since: running?.startedAt ?? null,
    sshPort: running?.sshPort ?? null,
    published: machine.published ?? [],
    ended: running === undefined ? ((await readEnded(folder))?.how ?? null) : null,
  };
}

async function answers(folder: string): Promise<boolean> {
  try {
    return (await requestApi(folder, "/settings", { timeoutMs: askTimeoutMs })).status === 200;
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  }
}
