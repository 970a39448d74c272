/** One container from an image that is there, started by us and by containerd's own client in the same boot. */
import type { TestMachine } from "../../machine/testing.ts";
import { testImage } from "../../tests/containers/image.ts";
import type { TestRegistry } from "../../tests/containers/registry.ts";
import type { Probe } from "../../tests/probe/probe.ts";
import { instructionsOf } from "../boot/measure.ts";

export type Cost = { readonly instructions: number; readonly wallMs: number };
/** `theirs` puts the container into a scope of systemd's and behind a filter of system calls, as ours does; `bare` does not. */
export type Starts = { readonly ours: Cost; readonly theirs: Cost; readonly bare: Cost };

/** What both start. */
export const IMAGE = "registry.example/once:1";
const UNITS = "/run/systemd/system";
const TRIES = 3;
const CTR_RUN = "/usr/bin/ctr --address /run/host-containerd/containerd.sock run --rm";

/** Commands as units of one run each: the service manager waits for them, and gives ours what it has in its own unit. */
const commands = {
  nothing: { run: "/usr/bin/mkfifo --version", settings: [] },
  ours: {
    run: `/usr/bin/host-ctr run --use-cached-image --container-id=once --source=${IMAGE}`,
    settings: ["Environment=BUN_JSC_useJIT=0"],
  },
  theirs: {
    run: `${CTR_RUN} --runc-systemd-cgroup --cgroup hostcontainers.slice:container:once-too --seccomp ${IMAGE} once-too`,
    settings: [],
  },
  bare: { run: `${CTR_RUN} ${IMAGE} once-bare`, settings: [] },
} as const;

/** Offers the image whose first process ends at once. */
export async function offerImage(registry: TestRegistry): Promise<void> {
  registry.put("once:1", await testImage({ script: "exit 0" }));
}

/** The least of several tries each, one after the other, less what a command costs that does nothing. */
export async function measureStarts(machine: TestMachine, probe: Probe, registry: TestRegistry): Promise<Starts> {
  for (const [name, { run, settings }] of Object.entries(commands)) {
    const lines = ["[Service]", "Type=oneshot", ...settings, `ExecStart=${run}`, ""];
    await probe.write(`${UNITS}/${unitOf(name)}`, lines.join("\n"));
  }
  await probe.write("/run/bench.toml", `[mirrors."registry.example"]\nendpoints = ["${registry.url}"]\n`);
  await probe.output("/usr/bin/systemctl", "daemon-reload");
  await probe.output("/usr/bin/host-ctr", "pull-image", `--source=${IMAGE}`, "--registry-config=/run/bench.toml");
  const seen: Record<keyof typeof commands, Cost[]> = { nothing: [], ours: [], theirs: [], bare: [] };
  for (let at = 0; at < TRIES; at++) {
    for (const name of ["nothing", "ours", "theirs", "bare"] as const)
      seen[name].push(await cost(machine, probe, name));
  }
  const nothing = least(seen.nothing);
  return {
    ours: less(least(seen.ours), nothing),
    theirs: less(least(seen.theirs), nothing),
    bare: less(least(seen.bare), nothing),
  };
}

function unitOf(name: string): string {
  return `bench-${name}.service`;
}

async function cost(machine: TestMachine, probe: Probe, name: string): Promise<Cost> {
  const before = await instructionsOf(machine);
  const begun = performance.now();
  await probe.output("/usr/bin/systemctl", "start", unitOf(name));
  return { instructions: (await instructionsOf(machine)) - before, wallMs: performance.now() - begun };
}

function least(costs: readonly Cost[]): Cost {
  return {
    instructions: Math.min(...costs.map(({ instructions }) => instructions)),
    wallMs: Math.min(...costs.map(({ wallMs }) => wallMs)),
  };
}

function less(one: Cost, other: Cost): Cost {
  return { instructions: one.instructions - other.instructions, wallMs: one.wallMs - other.wallMs };
}
