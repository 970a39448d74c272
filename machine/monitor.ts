/**
 * The process that owns one machine: starts QEMU as the launch record says, keeps its console, serves its API socket,
 * and leaves nothing but the disk and the logs when QEMU ends or it is told to stop.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../base/result.ts";
import type { Log } from "../base/log.ts";
import { describeEnd, Guest, type ServeControl, type ServeImages } from "./guest.ts";
import { takeLock } from "./lock.ts";
import { files } from "./paths.ts";
import { identify } from "./process.ts";
import { readLaunch, writeEnded, writeRunning } from "./records.ts";

export type MonitorOptions = {
  readonly folder: string;
  readonly serveControl: ServeControl;
  readonly serveImages: ServeImages;
  readonly log: Log;
  /** Aborted to stop the machine at once. */
  readonly signal: AbortSignal;
};

/** Runs the machine to its end. Throws when it cannot be started or is run by another monitor. */
export async function monitor(options: MonitorOptions): Promise<void> {
  const { folder, log, signal } = options;
  await mkdir(folder, { recursive: true });
  using lock = takeLock(join(folder, files.monitorLock));
  if (lock === undefined) throw new Fault("busy", `Cannot run the machine in "${folder}": it is running already`);
  const launch = await readLaunch(folder);
  const own = identify(process.pid);
  if (launch === undefined || own === undefined) throw new Fault("no-launch", `Cannot find how to start "${folder}"`);
  await rm(join(folder, files.ended), { force: true });
  let how = "stopped";
  try {
    signal.throwIfAborted();
    const { serveControl, serveImages } = options;
    await using guest = await Guest.start({ folder, command: launch.command, serveControl, serveImages });
    const qemu = identify(guest.pid);
    if (qemu === undefined) throw new Fault("not-started", `Cannot start QEMU: ${describeEnd(await guest.ended)}`);
    const startedAt = new Date().toISOString();
    const { accelerator, sshPort } = launch;
    await writeRunning(folder, { monitor: own, qemu, startedAt, accelerator, sshPort });
    log.info("machine started", { qemu: qemu.pid, accelerator, sshPort });
    signal.addEventListener("abort", () => guest.kill(), { once: true });
    if (signal.aborted) guest.kill();
    how = describeEnd(await guest.ended);
    log.info("machine ended", { how });
  } catch (thrown) {
    if (thrown instanceof Fault) how = thrown.message;
    throw thrown;
  } finally {
    await writeEnded(folder, { at: new Date().toISOString(), how });
    for (const name of [files.running, files.qmp, files.channel, files.api, files.registry]) {
      await rm(join(folder, name), { force: true });
    }
  }
}
