/** The machine that containers are measured on: the default variant with the tests' probe and containerd's own client. */
import { fileURLToPath } from "node:url";
import { startMachine, type TestMachine, type TestMachineOptions } from "../../machine/testing.ts";
import { Probe, PROBE_PORT } from "../../tests/probe/probe.ts";
import type { Context } from "../context.ts";

const OVERLAYS = ["../../tests/probe/", "./overlay/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Starts one. Waits for nothing. */
export async function startMeasured(
  context: Context,
  options: Pick<TestMachineOptions, "userData" | "extra">,
): Promise<TestMachine> {
  const { disk } = await context.image(OVERLAYS);
  const tools = await context.tools();
  const extra = [...PROBE_PORT, ...(options.extra ?? [])];
  return startMachine({ memoryMib: 1024, ...options, image: disk, tools, extra, cpus: 1, emulate: true });
}

export async function withProbe<T>(machine: TestMachine, work: (probe: Probe) => Promise<T>): Promise<T> {
  await using probe = await Probe.connect(machine);
  return await work(probe);
}
