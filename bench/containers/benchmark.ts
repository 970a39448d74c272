/** `containers`: when those of the machine itself run, what starting one costs, and the memory that they need. */
import { Fault } from "../../base/result.ts";
import { TestRegistry } from "../../tests/containers/registry.ts";
import { testImage } from "../../tests/containers/image.ts";
import { COUNTING } from "../boot/measure.ts";
import type { Benchmark, Context } from "../context.ts";
import type { Figure } from "../figure.ts";
import { leastEnough } from "../memory/least.ts";
import { startMachine } from "../../machine/testing.ts";
import { startMeasured, withProbe } from "./machine.ts";
import { type Beside, measureBeside } from "./memory.ts";
import { measureReady, type Ready } from "./ready.ts";
import { type Cost, IMAGE, measureStarts, offerImage, type Starts } from "./start.ts";

const GIGA = 1e9;
const KIB_OF_MIB = 1024;
const POWER_OFF_MS = 180_000;
/** From start to a running workload, with as much memory as is tried: some times what it takes with enough. */
const BOOT_MS = 180_000;
/** A second container from what is there without a registry, and one that is off, so that its image is kept. */
const USER_DATA = `[settings.host-containers.second]
source = "host.internal/control:latest"
enabled = true
[settings.host-containers.once]
source = "${IMAGE}"
enabled = false
`;
const NAMES = ["control", "second"] as const;
const NAMES_OF_LEAST = ["control", "web"] as const;

export const containers: Benchmark = {
  summary: "boot to running host containers, a start beside ctr's, memory beside a container's own, least memory",
  async run(context) {
    await using registry = TestRegistry.start();
    await offerImage(registry);
    const { first, ordinary, starts, beside } = await measureMachine(context, registry);
    const least = await context.progress.step("Least memory", (report) =>
      leastEnough({ low: 128, high: 384, step: 16 }, async (mib) => {
        report(`${mib} MiB`);
        context.signal.throwIfAborted();
        return runsWorkload(context, mib);
      }),
    );
    return {
      name: "containers",
      title: "Containers (one processor, 1 GiB, emulated; instructions of boots after the firmware)",
      figures: [
        ...readyFigures("first", first),
        ...readyFigures("ordinary", ordinary),
        ...startFigures(starts),
        ...memoryFigures(beside),
        { name: "least memory with one workload", value: least, unit: "MiB", aim: { atMost: 256 } },
      ],
    };
  },
};

type Measured = { readonly first: Ready; readonly ordinary: Ready; readonly starts: Starts; readonly beside: Beside };

async function measureMachine(context: Context, registry: TestRegistry): Promise<Measured> {
  const { progress } = context;
  await using machine = await startMeasured(context, { userData: USER_DATA, extra: COUNTING });
  const first = await progress.step("First boot", () => measureReady(machine, NAMES));
  await machine.qmp("system_powerdown");
  await machine.waitForEnd(POWER_OFF_MS);
  await machine.start();
  const ordinary = await progress.step("Ordinary boot", () => measureReady(machine, NAMES));
  return await withProbe(machine, async (probe) => ({
    first,
    ordinary,
    beside: await progress.step("Memory", () => measureBeside(probe, "second")),
    starts: await progress.step("Starts", () => measureStarts(machine, probe, registry)),
  }));
}

function readyFigures(which: string, { firmware, containers: seen }: Ready): readonly Figure[] {
  return Object.entries(seen).map(([name, { instructions, wallMs }]) => ({
    name: `${which} boot, ${name} runs`,
    value: (instructions - firmware) / GIGA,
    unit: "G",
    digits: 2,
    note: `${(wallMs / 1000).toFixed(1)} s after reset`,
  }));
}

function startFigures({ ours, theirs, bare }: Starts): readonly Figure[] {
  return [
    costFigure("host-ctr run", ours),
    costFigure("ctr run of the same", theirs, "with a scope of systemd's and seccomp, as ours"),
    { name: "ratio", value: ours.instructions / theirs.instructions, unit: "", digits: 2, aim: { atMost: 1.3 } },
    costFigure("ctr run as it comes", bare, "no scope, no seccomp"),
  ];
}

function costFigure(name: string, { instructions, wallMs }: Cost, how = "from start to end, image there"): Figure {
  const note = `${(wallMs / 1000).toFixed(1)} s; ${how}`;
  return { name, value: instructions / GIGA, unit: "G", digits: 2, note };
}

function memoryFigures({ runner, shim }: Beside): readonly Figure[] {
  return [
    memoryFigure("runner of a host container (PSS)", runner),
    memoryFigure("containerd's shim of it (PSS)", shim),
    memoryFigure("beside a container's own processes", runner + shim),
  ];
}

function memoryFigure(name: string, kib: number): Figure {
  return { name, value: kib / KIB_OF_MIB, unit: "MiB", digits: 1 };
}

/** Boots with one further container, pulled from a registry; whether it runs without anything being killed. */
async function runsWorkload(context: Context, memoryMib: number): Promise<boolean> {
  await using registry = TestRegistry.start();
  registry.put("web:1", await testImage());
  const userData = `[settings.host-containers.web]\nsource = "${registry.host}/web:1"\nenabled = true\n[[settings.container-registry.mirrors]]\nregistry = "${registry.host}"\nendpoint = ["${registry.url}"]\n`;
  const { disk } = await context.image(); // the probe takes memory itself
  const tools = await context.tools();
  await using machine = await startMachine({ image: disk, tools, userData, memoryMib, cpus: 1, emulate: true });
  try {
    const all = NAMES_OF_LEAST.map((name) =>
      machine.waitForConsole(new RegExp(`Started Host container ${name}`), BOOT_MS),
    );
    await Promise.all(all);
    await machine.waitForApi(60_000);
    return !/Out of memory|oom-kill|FAILED/.test(machine.console);
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  }
}
