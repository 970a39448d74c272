/** A boot counts as good only when everything that the marking unit requires has worked. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { FRESH_FLAGS } from "../../disk/gpt/attributes.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { makeWholeSet, openWorkshop, type Workshop } from "./made-sets.ts";
import { machineThatIsOff, PREPARATION, prepare, TEST, WAIT } from "./prepared.ts";
import { readFlags, TRIED_ONCE, writeFlags, writeSet } from "./sets.ts";

const UNITS = "usr/lib/systemd/system";
const failing = `[Unit]
Description=What must work
Before=mark-successful-boot.service
[Service]
Type=oneshot
ExecStart=/usr/bin/systemctl is-active no-such.service
`;
const required = "[Unit]\nRequires=what-must-work.service\n";

let workshop: Workshop;
let machine: TestMachine;

beforeAll(async () => {
  const prepared = await prepare();
  workshop = await openWorkshop(prepared);
  machine = await machineThatIsOff(prepared);
  const made = await makeWholeSet(workshop, "failing", {
    [`${UNITS}/what-must-work.service`]: failing,
    [`${UNITS}/mark-successful-boot.service.d/10-test.conf`]: required,
  });
  await writeSet(machine.disk, "B", made);
  await writeFlags(machine.disk, { B: TRIED_ONCE });
}, PREPARATION);
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

test(
  "a boot in which a required unit fails is not marked, and the next one starts the other set",
  async () => {
    await machine.start();
    await machine.waitForConsole(/starting set B \(priority 2, tries 1, not yet successful\)/, WAIT);
    await machine.waitForConsole(/Failed to start What must work/, WAIT);
    await machine.waitForConsole(/Dependency failed for Mark this boot as successful/, WAIT);
    await machine.waitForApi(WAIT);
    await machine.stop();
    expect(await readFlags(machine.disk)).toMatchObject({
      A: FRESH_FLAGS,
      B: { ...TRIED_ONCE, triesLeft: 0, starts: 1 },
      everSucceeded: false,
    });
    await machine.start();
    await machine.waitForConsole(/starting set A/, WAIT);
  },
  TEST,
);
