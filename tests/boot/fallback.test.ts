/** A set B that is to be tried once and does not work: the machine comes back on A by itself, and stays there. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { FRESH_FLAGS } from "../../disk/gpt/attributes.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { initramfsWithoutInit, type MadeSet, makeTinySet, openWorkshop, type Workshop } from "./made-sets.ts";
import { machineThatIsOff, PREPARATION, prepare, TEST, WAIT } from "./prepared.ts";
import { readFlags, TRIED_ONCE, writeFlags, writeSet } from "./sets.ts";

let workshop: Workshop;
let machine: TestMachine;

beforeAll(async () => {
  const prepared = await prepare();
  workshop = await openWorkshop(prepared);
  machine = await machineThatIsOff(prepared);
}, PREPARATION);
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

const quickWatchdog = ["sparkler.watchdog=30"];

test.each<readonly [what: string, made: MadeSet, sign: RegExp]>([
  ["whose process 1 ends, so that the kernel panics", { name: "end", program: "end" }, /Attempted to kill init/],
  ["that hangs", { name: "hang", program: "hang", arguments: quickWatchdog }, /test-init: hanging/],
  ["without systemd in its root", { name: "empty" }, /sparkler-init: no systemd in the root/],
  ["without init in its initramfs", { name: "no-init", initramfs: initramfsWithoutInit() }, /Unable to mount root fs/],
])(
  "a set %s is tried once, then the machine is back on the other",
  async (_, made, sign) => {
    await writeSet(machine.disk, "B", await makeTinySet(workshop, made));
    await writeFlags(machine.disk, { A: FRESH_FLAGS, B: TRIED_ONCE });
    await machine.start();
    await machine.waitForConsole(/starting set B \(priority 2, tries 1, not yet successful\)/, WAIT);
    await machine.waitForConsole(sign, WAIT);
    await machine.waitForConsole(/starting set A \(priority 1, tries 0, successful\)/, WAIT);
    await machine.waitForConsole(/Welcome to Sparkler/, WAIT);
    await machine.stop();
    const { A, B } = await readFlags(machine.disk);
    expect([A.successful, B]).toEqual([true, { ...TRIED_ONCE, triesLeft: 0, starts: 1 }]);
  },
  TEST,
);
