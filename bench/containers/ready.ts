/** How long a boot takes until the container to get in by runs, and a second one. */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../base/result.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { instructionsOf } from "../boot/measure.ts";

export type Ready = {
  /** Instructions until the firmware was left. */
  readonly firmware: number;
  readonly containers: Readonly<Record<string, { readonly instructions: number; readonly wallMs: number }>>;
};

const POLL_MS = 5;
const LIMIT_MS = 900_000;

/** Follows a boot that has just begun until each of these containers runs, as the service manager says on the console. */
export async function measureReady(machine: TestMachine, names: readonly string[]): Promise<Ready> {
  const begun = performance.now();
  const containers: Record<string, { instructions: number; wallMs: number }> = {};
  let firmware: number | undefined;
  for (;;) {
    const { console: text } = machine;
    if (firmware === undefined && text.includes("BdsDxe: starting")) firmware = await instructionsOf(machine);
    for (const name of names) {
      if (containers[name] !== undefined || !text.includes(`Started Host container ${name}.`)) continue;
      containers[name] = { instructions: await instructionsOf(machine), wallMs: performance.now() - begun };
    }
    if (firmware !== undefined && names.every((name) => containers[name] !== undefined)) {
      return { firmware, containers };
    }
    if (performance.now() - begun > LIMIT_MS) {
      throw new Fault("too-slow", `Cannot measure the boot: of ${names.join(", ")} not all run`);
    }
    await sleep(POLL_MS);
  }
}
