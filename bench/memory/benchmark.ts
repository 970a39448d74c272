/** `memory`: what an idle machine uses, as its balloon driver tells QEMU, and the least with which it boots. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Fault } from "../../base/result.ts";
import { startMachine, type TestMachine } from "../../machine/testing.ts";
import type { Benchmark, Context } from "../context.ts";
import { leastEnough } from "./least.ts";

const MIB = 2 ** 20;
const BALLOON = ["-device", "virtio-balloon-pci,id=balloon"];
const OBJECT = "/machine/peripheral/balloon";
/** After multi-user: what came late has settled. */
const SETTLE_MS = 20_000;
const BOOT_MS = 300_000;

const statsSchema = z.object({
  "last-update": z.number(),
  stats: z.object({ "stat-total-memory": z.number(), "stat-available-memory": z.number() }),
});

export const memory: Benchmark = {
  summary: "memory used when idle, and the least memory that boots",
  async run(context) {
    const used = await context.progress.step("Idle machine", () => idleMachine(context));
    const least = await context.progress.step("Least memory", (report) =>
      leastEnough({ low: 64, high: 256, step: 8 }, async (mib) => {
        report(`${mib} MiB`);
        context.signal.throwIfAborted();
        return boots(context, mib);
      }),
    );
    return {
      name: "memory",
      title: "Memory",
      figures: [
        {
          name: "used when idle",
          value: used,
          unit: "MiB",
          aim: { atMost: 80 },
          debian: 240,
          note: "MemTotal - MemAvailable of 1 GiB",
        },
        { name: "least that boots", value: least, unit: "MiB", aim: { atMost: 256 }, debian: 192 },
      ],
    };
  },
};

async function idleMachine(context: Context): Promise<number> {
  const { disk } = await context.image();
  await using machine = await startMachine({
    image: disk,
    tools: await context.tools(),
    extra: BALLOON,
    memoryMib: 1024,
    cpus: 1,
  });
  await machine.waitForConsole(/Reached target .*Multi-User System/, BOOT_MS);
  await sleep(SETTLE_MS);
  await machine.qmp("qom-set", { path: OBJECT, property: "guest-stats-polling-interval", value: 1 });
  return await usedMib(machine);
}

async function usedMib(machine: TestMachine): Promise<number> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(500)) {
    const answer = await machine.qmp("qom-get", { path: OBJECT, property: "guest-stats" });
    const { stats, "last-update": updated } = statsSchema.parse(answer);
    if (updated > 0) return (stats["stat-total-memory"] - stats["stat-available-memory"]) / MIB;
  }
  throw new Fault("no-answer", "Cannot read how much memory is used: the guest's balloon driver says nothing");
}

async function boots(context: Context, memoryMib: number): Promise<boolean> {
  const { disk } = await context.image();
  await using machine = await startMachine({ image: disk, tools: await context.tools(), memoryMib, cpus: 1 });
  try {
    await machine.waitForConsole(/Reached target .*Multi-User System/, BOOT_MS);
    await machine.waitForApi(60_000);
    return !/Out of memory|oom-kill|FAILED/.test(machine.console);
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  }
}
