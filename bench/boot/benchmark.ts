/** `boot`: what a boot costs in guest instructions, at each stage, the first time and then. */
import { writeFile } from "node:fs/promises";
import { startMachine } from "../../machine/testing.ts";
import type { Benchmark, Context } from "../context.ts";
import type { Figure } from "../figure.ts";
import { jobsOf } from "./jobs.ts";
import { COUNTING, type MeasuredBoot, measureBoot } from "./measure.ts";
import type { StageName } from "./stages.ts";
import { drawTimeline } from "./timeline.ts";

const GIGA = 1e9;

/** In G instructions after the firmware. */
const AIMS: Readonly<Record<"first" | "ordinary", Partial<Record<StageName, number>>>> = {
  first: { "API outside": 6, "multi-user": 7 },
  ordinary: { "API outside": 5, "multi-user": 7 },
};
const DEBIAN = { first: 21.8, ordinary: 16.5 } as const;

export const boot: Benchmark = {
  summary: "guest instructions and wall time at each stage of the first boot and of an ordinary one",
  async run(context) {
    const [image, tools] = [await context.image(), await context.tools()];
    const size = { memoryMib: 1024, cpus: 1, emulate: true };
    await using machine = await startMachine({ image: image.disk, tools, extra: COUNTING, ...size });
    const first = await context.progress.step("First boot", () => measureBoot(machine));
    await machine.qmp("system_powerdown");
    await machine.waitForEnd(180_000);
    await machine.start();
    const ordinary = await context.progress.step("Ordinary boot", () => measureBoot(machine));
    await draw(context, image.name, ordinary);
    return {
      name: "boot",
      title: "Boot: guest instructions after the firmware, wall time under emulation (one processor, 1 GiB)",
      figures: [...figuresOf("first", first), ...figuresOf("ordinary", ordinary)],
    };
  },
};

async function draw({ svg }: Context, image: string, { stages, lines }: MeasuredBoot): Promise<void> {
  const title = `Ordinary boot of ${image}, in guest instructions`;
  if (svg !== undefined) await writeFile(svg, drawTimeline({ title, stages, jobs: jobsOf(lines) }));
}

function figuresOf(which: "first" | "ordinary", { stages }: MeasuredBoot): readonly Figure[] {
  const firmware = stages.find(({ name }) => name === "firmware")?.instructions ?? 0;
  return stages.map(({ name, instructions, wallMs }) => {
    const aim = AIMS[which][name];
    return {
      name: `${which} boot, ${name}`,
      value: (name === "firmware" ? instructions : instructions - firmware) / GIGA,
      unit: "G",
      digits: 2,
      aim: aim === undefined ? undefined : { atMost: aim },
      debian: name === "multi-user" ? DEBIAN[which] : undefined,
      note: `${(wallMs / 1000).toFixed(1)} s after reset`,
    };
  });
}
