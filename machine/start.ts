/**
 * Starting a machine: its disk from the image when it has none, the plan of its QEMU on disk, then a monitor process of
 * its own that outlives this one. What is not finished is taken back.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../base/progress.ts";
import { Fault } from "../base/result.ts";
import { hostAbility } from "./accelerator.ts";
import { createDisk, growDisk } from "./disk.ts";
import { takeLock } from "./lock.ts";
import { files } from "./paths.ts";
import { planQemu } from "./plan.ts";
import { identify, isAlive, type ProcessId, signalProcess, waitUntilGone } from "./process.ts";
import {
  type LaunchRecord,
  type MachineRecord,
  readEnded,
  readMachine,
  readRunning,
  type RunningRecord,
  writeLaunch,
  writeMachine,
} from "./records.ts";
import type { Argv, QemuTools } from "./tools.ts";

export type StartImage = { readonly name: string; readonly disk: string };

export type StartOptions = {
  readonly folder: string;
  readonly variant: string;
  /** Builds or finds the image; called only when the machine needs a new disk. */
  readonly image: () => Promise<StartImage>;
  readonly tools: () => Promise<QemuTools>;
  /** The command that runs `monitor` on the folder. */
  readonly monitorCommand: Argv;
  /** A new disk from the image although there is one. */
  readonly fresh: boolean;
  readonly memoryMib: number | undefined;
  readonly diskBytes: number | undefined;
  /** User data for the guest from now on; undefined keeps what the machine has. */
  readonly userData: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type Started = {
  readonly machine: MachineRecord;
  readonly running: RunningRecord;
  /** What this call did: found it running, booted its own disk again, or made a disk from the image. */
  readonly how: "running" | "again" | "new";
};

const defaultMemoryMib = 512;
const monitorTimeoutMs = 30_000;

/** Starts the machine, or finds it running. Does not wait for the guest. */
export async function bringUp(options: StartOptions): Promise<Started> {
  const { folder } = options;
  const existed = existsSync(folder);
  await mkdir(folder, { recursive: true });
  using lock = takeLock(join(folder, files.changeLock));
  if (lock === undefined) throw new Fault("busy", `Cannot change the machine in "${folder}": another command does`);
  try {
    const found = await findRunning(options);
    if (found !== undefined) return found;
    const before = options.fresh ? undefined : await existing(folder);
    const machine = await prepare(options, before);
    const running = await options.progress.step("Starting QEMU", async () => {
      await writeLaunch(folder, await planLaunch(options, machine));
      return runMonitor(options);
    });
    return { machine, running, how: before === undefined ? "new" : "again" };
  } catch (thrown) {
    if (!existed && !existsSync(join(folder, files.record))) await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

async function findRunning(options: StartOptions): Promise<Started | undefined> {
  const { folder } = options;
  const [machine, running] = [await readMachine(folder), await readRunning(folder)];
  if (machine === undefined || running === undefined) return undefined;
  const wanted = [options.memoryMib, options.diskBytes, options.userData];
  if (!options.fresh && wanted.every((value) => value === undefined)) return { machine, running, how: "running" };
  throw new Fault("running", `Cannot change the machine in "${folder}" while it runs: bring it down first`);
}

/** The machine's record where there is a disk that belongs to it. */
async function existing(folder: string): Promise<MachineRecord | undefined> {
  return existsSync(join(folder, files.disk)) ? readMachine(folder) : undefined;
}

async function prepare(options: StartOptions, before: MachineRecord | undefined): Promise<MachineRecord> {
  const { folder, signal } = options;
  const userData = options.userData === undefined ? undefined : await readUserData(options.userData);
  const image = before === undefined ? await options.image() : undefined;
  const tools = await options.tools();
  signal.throwIfAborted();
  const earlier = await readMachine(folder);
  const machine: MachineRecord = {
    uuid: earlier?.uuid ?? randomUUID(),
    variant: before?.variant ?? options.variant,
    image: image?.name ?? before?.image ?? "",
    memoryMib: options.memoryMib ?? earlier?.memoryMib ?? defaultMemoryMib,
    createdAt: before?.createdAt ?? new Date().toISOString(),
  };
  if (image !== undefined) {
    const made = { folder, image: image.disk, firmwareVars: tools.firmwareVars, bytes: options.diskBytes, signal };
    await options.progress.step("Making the disk", () => createDisk(made));
  } else if (options.diskBytes !== undefined) {
    await growDisk(join(folder, files.disk), options.diskBytes);
  }
  if (userData !== undefined) await placeUserData(userData, folder);
  await writeMachine(folder, machine);
  return machine;
}

async function readUserData(path: string): Promise<string> {
  try {
    await readFile(path);
    return path;
  } catch (cause) {
    throw Fault.from("no-user-data", `Cannot read the user data "${path}"`, cause, { path });
  }
}

async function placeUserData(path: string, folder: string): Promise<void> {
  const target = join(folder, files.userData);
  const temporary = `${target}.new`;
  await copyFile(path, temporary);
  await rename(temporary, target);
}

async function planLaunch(options: StartOptions, machine: MachineRecord): Promise<LaunchRecord> {
  const { folder } = options;
  const tools = await options.tools();
  const ability = await hostAbility(tools, dirname(folder), options.signal);
  const spec = {
    uuid: machine.uuid,
    memoryMib: machine.memoryMib,
    cpus: Math.min(2, availableParallelism()),
    userData: existsSync(join(folder, files.userData)),
  };
  const args = planQemu(spec, { ...ability, firmwareCode: tools.firmwareCode });
  return { command: tools.command(args, folder), accelerator: ability.accelerator };
}

/** Starts the monitor in a session of its own and waits until the machine runs. */
async function runMonitor(options: StartOptions): Promise<RunningRecord> {
  const { folder, signal } = options;
  signal.throwIfAborted();
  const log = openSync(join(folder, files.monitorLog), "a");
  const [program, ...args] = options.monitorCommand;
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  const failed = new Promise<string>((resolve) => {
    child.once("error", (cause) => resolve(cause.message));
    child.once("exit", (status) => resolve(`exit status ${status ?? "unknown"}`));
  });
  const monitor = child.pid === undefined ? undefined : identify(child.pid);
  const end = performance.now() + monitorTimeoutMs;
  try {
    for (;;) {
      signal.throwIfAborted();
      const running = await readRunning(folder);
      if (running !== undefined && running.monitor.pid === child.pid) return running;
      const why = await Promise.race([failed, sleep(30, undefined)]);
      const ended = why === undefined ? undefined : ((await readEnded(folder))?.how ?? why);
      if (ended !== undefined) throw new Fault("not-started", `Cannot start the machine: ${ended}`);
      if (performance.now() > end) throw new Fault("not-started", "Cannot start the machine: its monitor says nothing");
    }
  } catch (thrown) {
    if (monitor !== undefined) await endMonitor(monitor);
    throw thrown;
  }
}

/** Tells a monitor to stop its machine at once, and waits until both are gone. */
export async function endMonitor(monitor: ProcessId): Promise<void> {
  signalProcess(monitor, "SIGTERM");
  if (await waitUntilGone(monitor, 10_000)) return;
  signalProcess(monitor, "SIGKILL");
  if (isAlive(monitor)) await waitUntilGone(monitor, 2000);
}
