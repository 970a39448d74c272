/** One boot with QEMU counting what the guest executes: every line of the console with the count when it came. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Fault } from "../../base/result.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { addText, type ConsoleLine, type Moment } from "./console-line.ts";
import { type Stage, stagesOf } from "./stages.ts";

/** The guest's clock and random numbers follow the count as well, so that boots are alike. */
export const COUNTING: readonly string[] = [
  ["-icount", "shift=0,sleep=on"],
  ["-seed", "1"],
  ["-rtc", "clock=vm,base=2027-01-01T00:00:00"],
].flat();

export type MeasuredBoot = { readonly stages: readonly Stage[]; readonly lines: readonly ConsoleLine[] };

const POLL_MS = 5;
const LIMIT_MS = 900_000;
const answerSchema = z.object({ icount: z.number() });

/** Guest instructions executed since reset. */
export async function instructionsOf(machine: TestMachine): Promise<number> {
  return answerSchema.parse(await machine.qmp("query-replay")).icount;
}

/** Follows a boot that has just begun until multi-user is reached and the API has answered outside. */
export async function measureBoot(machine: TestMachine): Promise<MeasuredBoot> {
  const started = performance.now();
  const now = async (): Promise<Moment> => ({
    instructions: await instructionsOf(machine),
    wallMs: performance.now() - started,
  });
  const seen: { outside?: Moment } = {};
  const answered = machine.waitForApi(LIMIT_MS).then(async () => {
    seen.outside = await now();
  });
  const followed = follow(machine, now, () => seen.outside !== undefined);
  await Promise.all([answered, followed]);
  return { stages: stagesOf(await followed, seen.outside ?? (await now())), lines: await followed };
}

async function follow(
  machine: TestMachine,
  now: () => Promise<Moment>,
  answered: () => boolean,
): Promise<readonly ConsoleLine[]> {
  let lines: readonly ConsoleLine[] = [];
  for (let seen = 0; ; await sleep(POLL_MS)) {
    const text = machine.console;
    const moment = await now();
    if (text.length > seen) lines = addText(lines, text.slice(seen), moment);
    seen = text.length;
    if (answered() && /Reached target .*Multi-User System/.test(text)) return lines;
    if (moment.wallMs > LIMIT_MS) throw new Fault("too-slow", "Cannot measure the boot: it does not end");
  }
}
