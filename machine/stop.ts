/**
 * Stopping a machine, the gentlest way that works: its power button, which the guest takes as an order to shut down from
 * early in its boot on; else QEMU quits, which writes out what the guest has flushed; else it is killed. The disk stays.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { Fault } from "../base/result.ts";
import { takeLock } from "./lock.ts";
import { files, openSocketPath } from "./paths.ts";
import { isAlive, signalProcess, waitUntilGone } from "./process.ts";
import { Qmp } from "./qmp.ts";
import { readRunning, type RunningRecord } from "./records.ts";
import { endMonitor } from "./start.ts";

export type StopWay = "not-running" | "shut-down" | "quit" | "killed";

/** An emulated machine on a busy host takes half a minute, and one that is still booting must first get that far. */
const shutdownMs = 90_000;
/** The button is pressed again: firmware and kernel do not notice it yet. */
const pressAgainMs = 3000;
const quitMs = 10_000;

/** Stops the machine in `folder` and says how it went. With `force` the guest is not asked. */
export async function stopMachine(folder: string, progress: Progress, force: boolean = false): Promise<StopWay> {
  if (!existsSync(folder)) return "not-running";
  using lock = takeLock(join(folder, files.changeLock));
  if (lock === undefined) throw new Fault("busy", `Cannot stop the machine in "${folder}": another command changes it`);
  const running = await readRunning(folder);
  if (running === undefined) return "not-running";
  return await progress.step("Stopping the machine", async (report) => {
    const way = force ? undefined : await askGuest(folder, running, report);
    const done = way ?? (await quit(folder, running)) ?? kill(running);
    // The monitor ends by itself when QEMU has; one that died before leaves nothing to wait for.
    if (!(await waitUntilGone(running.monitor, 5000))) await endMonitor(running.monitor);
    return done;
  });
}

/** Takes a stopped machine away with its disk and logs; false when there was none. */
export async function removeMachine(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  using lock = takeLock(join(folder, files.changeLock));
  if (lock === undefined || (await readRunning(folder)) !== undefined) {
    throw new Fault("busy", `Cannot take the machine in "${folder}" away: it is in use`);
  }
  await rm(folder, { recursive: true, force: true });
  return true;
}

/** Presses the power button until the guest has turned itself off; undefined when it does not in time. */
async function askGuest(
  folder: string,
  running: RunningRecord,
  report: (detail: string) => void,
): Promise<StopWay | undefined> {
  const deadline = performance.now() + shutdownMs;
  while (performance.now() < deadline) {
    if (!(await qmpDoes(folder, "system_powerdown"))) break;
    report("its power button is pressed");
    if (await waitUntilGone(running.qemu, pressAgainMs)) return "shut-down";
  }
  // QEMU may have ended between the last look and the last press.
  return isAlive(running.qemu) ? undefined : "shut-down";
}

async function quit(folder: string, running: RunningRecord): Promise<StopWay | undefined> {
  await qmpDoes(folder, "quit");
  return (await waitUntilGone(running.qemu, quitMs)) ? "quit" : undefined;
}

function kill(running: RunningRecord): StopWay {
  signalProcess(running.qemu, "SIGKILL");
  return "killed";
}

/** Runs one command of QEMU; false when QEMU does not answer or refuses. */
async function qmpDoes(folder: string, command: string, args?: Readonly<Record<string, unknown>>): Promise<boolean> {
  const socket = openSocketPath(folder, files.qmp);
  try {
    using qmp = await Qmp.connect(socket.path);
    await qmp.execute(command, args);
    return true;
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  } finally {
    socket.close();
  }
}
