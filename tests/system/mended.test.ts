/** A machine with 256 MiB of memory and user data that must be refused: it says why, waits, and is mended by its API. */
import { afterAll, beforeAll, expect, test } from "bun:test";

import { startMachine, type TestMachine } from "../../machine/testing.ts";
import { PREPARATION, prepare, TEST, WAIT } from "../boot/prepared.ts";

let machine: TestMachine;

beforeAll(async () => {
  const { image, qemu } = await prepare();
  const userData = '[settings]\nmotd = 5\nnope = 1\n[settings.network]\nhostname = "not a name!"\n';
  machine = await startMachine({ image, tools: qemu, memoryMib: 256, userData });
}, PREPARATION);
afterAll(() => machine[Symbol.asyncDispose]());

test(
  "refused user data: every problem by its path on the console, nothing taken, and mended without reinstalling",
  async () => {
    await machine.waitForConsole(/Boot waits for settings/, WAIT);
    for (const path of ["settings.motd", "settings.nope", "settings.network.hostname"]) {
      expect(machine.console).toContain(path);
    }
    expect(machine.console).not.toContain("Machine is configured");
    expect(await machine.waitForApi()).toMatchObject({ motd: "Welcome to Sparkler!" });
    expect((await machine.api("PATCH", "/settings", { motd: "mended" })).status).toBe(204);
    expect((await machine.api("POST", "/tx/commit_and_apply")).status).toBe(200);
    await machine.waitForConsole(/Its API is on \/run\/api\.sock/, WAIT);
    expect(await machine.waitForApi()).toMatchObject({ motd: "mended" });
  },
  TEST,
);
