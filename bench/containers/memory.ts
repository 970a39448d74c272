/** What a host container takes beside its own processes: its runner, and containerd's shim. */
import { Fault } from "../../base/result.ts";
import type { Probe } from "../../tests/probe/probe.ts";

/** In KiB; shared pages are divided among who has them (proportional set size). */
export type Beside = { readonly runner: number; readonly shim: number };

export async function measureBeside(probe: Probe, container: string): Promise<Beside> {
  const pids = (await probe.list("/proc")).filter((name) => /^\d+$/.test(name));
  const found: { runner?: number; shim?: number } = {};
  for (const pid of pids) {
    const words = (await probe.read(`/proc/${pid}/cmdline`).catch(() => "")).split("\0");
    if (words[0]?.endsWith("host-ctr") === true && words.includes(`--container-id=${container}`))
      found.runner = Number(pid);
    if (words[0]?.includes("containerd-shim") === true && words[words.indexOf("-id") + 1] === container)
      found.shim = Number(pid);
  }
  const { runner, shim } = found;
  if (runner === undefined || shim === undefined) {
    throw new Fault("no-process", `Cannot find the runner and the shim of "${container}"`);
  }
  return { runner: await pssOf(probe, runner), shim: await pssOf(probe, shim) };
}

async function pssOf(probe: Probe, pid: number): Promise<number> {
  const text = await probe.read(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN);
}
