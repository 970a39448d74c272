/**
 * The runner end to end, without an image: QEMU of the locked set starts the firmware on an empty disk, which says on
 * the console that there is nothing to boot.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { silentProgress } from "../../base/progress.ts";
import { reason } from "../../base/result.ts";
import { lastLines } from "../../machine/console-text.ts";
import { files } from "../../machine/paths.ts";
import { isAlive } from "../../machine/process.ts";
import { bringUp, type StartOptions } from "../../machine/start.ts";
import { machineStatus } from "../../machine/status.ts";
import { removeMachine, stopMachine } from "../../machine/stop.ts";
import { startMachine, thrownBy } from "../../machine/testing.ts";
import { type QemuTools, sandboxedTools } from "../../machine/tools.ts";

const diskBytes = 1024 * 1024;
const limitMs = 120_000;
const firmware = /BdsDxe: /;
let folder = "";
let image = "";
let tools: QemuTools;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparkler-firmware-"));
  image = join(folder, "empty.raw");
  await writeFile(image, new Uint8Array(diskBytes));
  tools = sandboxedTools(await toolRoot("vm"), sandboxArgv);
}, 600_000);
afterAll(() => rm(folder, { recursive: true }));

test(
  "startMachine() boots, cuts the power, keeps the disk, boots again, and leaves nothing",
  async () => {
    const machine = await startMachine({ image, tools, userData: "[settings]\n", extra: ["-boot", "menu=off"] });
    try {
      await machine.waitForConsole(firmware, limitMs);
      expect(await machine.qmp("query-status")).toMatchObject({ status: "running" });
      await machine.powerCut();
      const disk = await open(machine.disk, "r+");
      await disk.write("written between two runs");
      await disk.close();
      await machine.start();
      await machine.waitForConsole(firmware, limitMs);
      await machine.stop();
      expect((await readFile(machine.disk)).toString("utf8", 0, 7)).toBe("written");
      expect((await readFile(image))[0]).toBe(0);
    } finally {
      await machine[Symbol.asyncDispose]();
    }
    expect(existsSync(machine.folder)).toBe(false);
  },
  limitMs * 2,
);

test(
  "waitForConsole() shows what was on the console when the machine ends or time is over",
  async () => {
    await using machine = await startMachine({ image, tools });
    await machine.waitForConsole(firmware, limitMs);
    expect(reason(await thrownBy(machine.waitForConsole(/never written/, 100)))).toMatch(/not within 100 ms.*BdsDxe/s);
    const waiting = machine.waitForConsole(/never written/, limitMs).catch((thrown: unknown) => String(thrown));
    await machine.qmp("quit");
    expect(await waiting).toContain("the machine ended");
  },
  limitMs,
);

function options(name: string, more: Partial<StartOptions> = {}): StartOptions {
  const own = join(folder, "machines", name);
  return {
    folder: own,
    variant: undefined,
    image: () => Promise.resolve({ name: "empty-1", disk: image }),
    onlyWhenNeeded: false,
    tools: () => Promise.resolve(tools),
    monitorCommand: [process.execPath, join(import.meta.dir, "../../bin/sparkler.ts"), "monitor", own],
    fresh: false,
    memoryMib: 128,
    diskBytes: undefined,
    ephemeralDisks: undefined,
    published: undefined,
    userData: undefined,
    progress: silentProgress,
    signal: new AbortController().signal,
    ...more,
  };
}

async function seeFirmware(own: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const text = await readFile(join(own, files.console), "utf8");
    if (firmware.test(text)) return;
    if (performance.now() > deadline) throw new Error(`no firmware: ${lastLines(text, 10).join("\n")}`);
    await Bun.sleep(100);
  }
}

test(
  "bringUp() starts a machine that outlives the call, finds it again, and tells of a newer image",
  async () => {
    const first = options("one");
    const started = await bringUp(first);
    try {
      expect(started.how).toBe("new");
      await seeFirmware(first.folder);
      expect((await machineStatus(join(folder, "machines"), "one"))?.state).toBe("starting");
      expect((await bringUp(first)).how).toBe("running");
      expect(reason(await thrownBy(bringUp({ ...first, fresh: true, memoryMib: 256 })))).toMatch(
        /a new disk, other memory/,
      );
      expect(await thrownBy(removeMachine(first.folder))).toMatchObject({ code: "busy" });
    } finally {
      expect(await stopMachine(first.folder, silentProgress, true)).toBe("quit");
    }
    expect(isAlive(started.running.qemu) || isAlive(started.running.monitor)).toBe(false);
    expect(await stopMachine(first.folder, silentProgress)).toBe("not-running");
    const again = await bringUp({ ...first, image: () => Promise.resolve({ name: "empty-2", disk: image }) });
    await stopMachine(first.folder, silentProgress, true);
    expect(again).toMatchObject({ how: "again", newerImage: "empty-2", machine: { image: "empty-1" } });
    expect(await machineStatus(join(folder, "machines"), "one")).toMatchObject({ state: "stopped", memoryMib: 128 });
    expect(await removeMachine(first.folder)).toBe(true);
  },
  limitMs * 2,
);

test(
  "bringUp() that is interrupted leaves no machine and no process",
  async () => {
    for (const delayMs of [0, 40, 120, 250]) {
      const interrupt = new AbortController();
      const started = bringUp(options("two", { signal: interrupt.signal })).catch(String);
      await Bun.sleep(delayMs);
      interrupt.abort();
      await started;
      await stopMachine(options("two").folder, silentProgress, true);
      await removeMachine(options("two").folder);
    }
    expect(await readdir(join(folder, "machines")).catch(() => [])).not.toContain("two");
  },
  limitMs,
);

test("bringUp() tells why QEMU did not start, and leaves no machine", async () => {
  const broken: QemuTools = { ...tools, command: (args, own) => tools.command([...args, "-no-such-option"], own) };
  expect(reason(await thrownBy(bringUp(options("three", { tools: () => Promise.resolve(broken) }))))).toMatch(
    /no-such-option/,
  );
  expect(existsSync(join(folder, "machines", "three", files.running))).toBe(false);
});
