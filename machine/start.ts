/**
 * Starting a machine: its disk from the image when it has none, the plan of its QEMU on disk, then a monitor process of
 * its own that outlives this one. What is not finished is taken back.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFileDurable } from "../base/durable.ts";
import type { Progress } from "../base/progress.ts";
import { Fault } from "../base/result.ts";
import { hostAbility } from "./accelerator.ts";
import { createDisk, growDisk, placeEphemeralDisks } from "./disk.ts";
import { takeLock } from "./lock.ts";
import { files } from "./paths.ts";
import { planQemu } from "./plan.ts";
import type { Published } from "./published.ts";
import { freePort } from "./port.ts";
import { identify, isAlive, type ProcessId, signalProcess, waitUntilGone } from "./process.ts";
import {
  type LaunchRecord,
  type MachineRecord,
  readEnded,
  readLaunch,
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
  /** Undefined: the variant that the machine has, or `defaultVariant`. */
  readonly variant: string | undefined;
  /** Builds or finds the image of a variant. */
  readonly image: (variant: string) => Promise<StartImage>;
  /** Call `image` only when the machine needs a new disk, and not also to learn whether there is a newer one. */
  readonly onlyWhenNeeded: boolean;
  readonly tools: () => Promise<QemuTools>;
  /** The command that runs `monitor` on the folder. */
  readonly monitorCommand: Argv;
  /** A new disk from the image although there is one. */
  readonly fresh: boolean;
  readonly memoryMib: number | undefined;
  readonly diskBytes: number | undefined;
  /** Sizes of its ephemeral disks from now on; undefined keeps what the machine has. */
  readonly ephemeralDisks: readonly number[] | undefined;
  /** Ports that lead to the guest from now on; undefined keeps what the machine has. */
  readonly published: readonly Published[] | undefined;
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
  /** Name of the present image where the machine's disk was made from another one. */
  readonly newerImage: string | undefined;
};

export const defaultVariant = "qemu-dev";

const defaultMemoryMib = 512;
/** The image is smaller: what is behind it the machine takes at its first boot. It takes room here only as it is used. */
const defaultDiskBytes = 4 * 2 ** 30;
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
    const tools = await options.tools();
    const { machine, newerImage } = await prepare(options, before, tools);
    const running = await options.progress.step("Starting QEMU", async () => {
      await writeLaunch(folder, await planLaunch(options, machine, tools));
      return runMonitor(options);
    });
    return { machine, running, how: before === undefined ? "new" : "again", newerImage };
  } catch (thrown) {
    if (!existed && !existsSync(join(folder, files.record))) await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

async function findRunning(options: StartOptions): Promise<Started | undefined> {
  const { folder } = options;
  const [machine, running] = [await readMachine(folder), await readRunning(folder)];
  if (machine === undefined || running === undefined) return undefined;
  const changes = await changesWanted(options, machine);
  if (changes.length === 0) return { machine, running, how: "running", newerImage: undefined };
  const what = changes.join(", ");
  throw new Fault("running", `Cannot change the machine in "${folder}" while it runs (${what}): bring it down first`);
}

/** What `options` ask of a machine that it is not already. */
async function changesWanted(options: StartOptions, machine: MachineRecord): Promise<readonly string[]> {
  const { folder, memoryMib, diskBytes, variant } = options;
  const given = options.userData === undefined ? undefined : await readUserData(options.userData);
  const present = await readFile(join(folder, files.userData)).catch(() => Buffer.alloc(0)); // it has none
  const changes = {
    "a new disk": options.fresh,
    "another variant": variant !== undefined && variant !== machine.variant,
    "other memory": memoryMib !== undefined && memoryMib !== machine.memoryMib,
    "another size of its disk": diskBytes !== undefined && diskBytes !== (await stat(join(folder, files.disk))).size,
    "other ephemeral disks":
      options.ephemeralDisks !== undefined && String(options.ephemeralDisks) !== String(machine.ephemeralDisks ?? []),
    "other ports": options.published !== undefined && String(options.published) !== String(machine.published ?? []),
    "other user data": given !== undefined && !given.equals(present),
  };
  return Object.entries(changes).flatMap(([what, wanted]) => (wanted ? [what] : []));
}

/** The machine's record where there is a disk that belongs to it. */
async function existing(folder: string): Promise<MachineRecord | undefined> {
  return existsSync(join(folder, files.disk)) ? readMachine(folder) : undefined;
}

type Prepared = { readonly machine: MachineRecord; readonly newerImage: string | undefined };

async function prepare(options: StartOptions, before: MachineRecord | undefined, tools: QemuTools): Promise<Prepared> {
  const { folder, signal } = options;
  const earlier = await readMachine(folder);
  const variant = options.variant ?? earlier?.variant ?? defaultVariant;
  if (before !== undefined && before.variant !== variant) {
    const wanted = `"${variant}" needs a new disk, or a machine of another name`;
    throw new Fault("other-variant", `Cannot change the variant of the machine in "${folder}": ${wanted}`);
  }
  const userData = options.userData === undefined ? undefined : await readUserData(options.userData);
  const image = before !== undefined && options.onlyWhenNeeded ? undefined : await options.image(variant);
  signal.throwIfAborted();
  if (before === undefined && image !== undefined) {
    // A new disk has new keys.
    await rm(join(folder, files.knownHosts), { force: true });
    const made = { folder, image: image.disk, firmwareVars: tools.firmwareVars, signal };
    await options.progress.step("Making the disk", () =>
      createDisk({ ...made, bytes: options.diskBytes ?? defaultDiskBytes }),
    );
  } else if (options.diskBytes !== undefined) {
    await growDisk(join(folder, files.disk), options.diskBytes);
  }
  if (userData !== undefined) await placeUserData(userData, folder);
  const ephemeralDisks = options.ephemeralDisks ?? earlier?.ephemeralDisks;
  await placeEphemeralDisks(folder, ephemeralDisks ?? [], before === undefined);
  const published = options.published ?? earlier?.published;
  const machine: MachineRecord = {
    uuid: earlier?.uuid ?? randomUUID(),
    variant,
    image: before?.image ?? image?.name ?? "",
    memoryMib: options.memoryMib ?? earlier?.memoryMib ?? defaultMemoryMib,
    ...(ephemeralDisks === undefined ? {} : { ephemeralDisks }),
    ...(published === undefined ? {} : { published }),
    createdAt: before?.createdAt ?? new Date().toISOString(),
  };
  await writeMachine(folder, machine);
  return { machine, newerImage: image === undefined || image.name === machine.image ? undefined : image.name };
}

async function readUserData(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw Fault.from("no-user-data", `Cannot read the user data "${path}"`, cause, { path });
  }
}

/** Makes `content` the machine's user data; empty content takes it away. */
async function placeUserData(content: Buffer, folder: string): Promise<void> {
  const target = join(folder, files.userData);
  if (content.length === 0) await rm(target, { force: true });
  else await writeFileDurable(target, content, { mode: 0o600 });
}

async function planLaunch(options: StartOptions, machine: MachineRecord, tools: QemuTools): Promise<LaunchRecord> {
  const { folder } = options;
  const ability = await hostAbility(tools, dirname(folder), options.signal);
  const spec = {
    uuid: machine.uuid,
    memoryMib: machine.memoryMib,
    cpus: Math.min(2, availableParallelism()),
    userData: existsSync(join(folder, files.userData)),
    registry: true,
    sshPort: await freePort((await readLaunch(folder))?.sshPort),
    published: machine.published,
    ephemeralDisks: machine.ephemeralDisks?.length ?? 0,
  };
  const args = planQemu(spec, { ...ability, firmwareCode: tools.firmwareCode });
  return { command: tools.command(args, folder), accelerator: ability.accelerator, sshPort: spec.sshPort };
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
