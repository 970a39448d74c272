/**
 * Stopping a machine, the gentlest way that works: ask the guest through its API to reboot while QEMU takes a reboot for
 * the end; else the power button; else QEMU quits, which writes out what the guest has flushed. The disk stays.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { Fault } from "../base/result.ts";
import { requestApi } from "./api.ts";
import { takeLock } from "./lock.ts";
import { files, openSocketPath } from "./paths.ts";
import { signalProcess, waitUntilGone } from "./process.ts";
import { Qmp } from "./qmp.ts";
import { readRunning, type RunningRecord } from "./records.ts";
import { endMonitor } from "./start.ts";

export type StopWay = "not-running" | "shut-down" | "power-button" | "quit" | "killed";

const shutdownMs = 60_000;
const buttonMs = 5000;
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

async function askGuest(
  folder: string,
  running: RunningRecord,
  report: (detail: string) => void,
): Promise<StopWay | undefined> {
  if (await qmpDoes(folder, "set-action", { reboot: "shutdown" })) {
    report("asking its API");
    const asked = await requestApi(folder, "/actions/reboot", { method: "POST", timeoutMs: 3000 }).then(
      (answer) => answer.status < 300,
      (thrown: unknown) => {
        if (thrown instanceof Fault) return false; // no API; the button is next
        throw thrown;
      },
    );
    if (asked && (await waitUntilGone(running.qemu, shutdownMs))) return "shut-down";
  }
  report("pressing its power button");
  if (!(await qmpDoes(folder, "system_powerdown"))) return undefined;
  return (await waitUntilGone(running.qemu, buttonMs)) ? "power-button" : undefined;
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
