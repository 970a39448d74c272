/**
 * The life of one host or bootstrap container, from its source to its exit status: found running and taken up again, or
 * made anew; stopped in order when this program is told to stop. Whatever it ends by, nothing of it stays behind; what a
 * power cut leaves is taken away by the next start.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { notifyReady } from "../../base/notify.ts";
import { Fault, orThrow } from "../../base/result.ts";
import { type Containerd, hasCode } from "../containerd/connection.ts";
import { readAccounts } from "./accounts.ts";
import { mountBuiltIn, unmountBuiltIn } from "./built-in.ts";
import { hostFolders, inheritedEnvironment, limitsHere } from "./machine.ts";
import { carryOutput, type Output, removePipes } from "./output.ts";
import { dropAbandonedLeases } from "../pull/lease.ts";
import { type Opened, openSource, type SourceOptions } from "./source.ts";
import { type ContainerKind, containerId, persistentFolder, specificationOf } from "./specification.ts";
import { RUN_FOLDER, runFolder, writeStatus } from "./status.ts";
import {
  createContainer,
  type Found,
  findContainer,
  isRunning,
  removeContainer,
  SOURCE_LABEL,
  signalTask,
  startTask,
  waitForExit,
} from "./task.ts";
import { needsAccounts, parseUser, type User } from "./user.ts";

export type RunOptions = Omit<SourceOptions, "signal" | "onPulling"> & {
  readonly name: string;
  readonly kind: ContainerKind;
  readonly superpowered: boolean;
  /** Aborted when the container is to be stopped. */
  readonly stop: AbortSignal;
};

const RUNC_ROOT = "/run/host-containerd/runc";
const SUPERPOWERED_LABEL = "sparkler/superpowered";
const SIGTERM = 15;
const SIGKILL = 9;
/** From SIGTERM to SIGKILL, and from then until it is given up (contracts §10.3). */
const GRACE_MS = 20_000;
const GIVE_UP_MS = 25_000;
const CONNECT_MS = 90_000;
const AGAIN_MS = 250;

/** Runs the container to its end; the exit status of its process. */
export async function runContainer(options: RunOptions): Promise<number> {
  const id = containerId(options);
  try {
    const status = await attachOrStart(id, await findOnceConnected(id, options), options);
    options.log.info("The container has ended", { status: status ?? "unknown" });
    return status ?? 1;
  } catch (thrown) {
    if (options.stop.aborted) return 0;
    await writeStatus(id, "failing", thrown instanceof Fault ? thrown.message : "an unexpected fault");
    throw thrown;
  }
}

/** What there is of the container, as soon as containerd can tell. */
async function findOnceConnected(id: string, { containerd, stop, log }: RunOptions): Promise<Found> {
  const end = performance.now() + CONNECT_MS;
  for (let said = false; ; said = true) {
    try {
      return await findContainer(containerd, id, stop);
    } catch (thrown) {
      stop.throwIfAborted();
      if (performance.now() > end) throw thrown;
      if (!said) log.info("Waiting for containerd");
      await sleep(AGAIN_MS, undefined, { signal: stop });
    }
  }
}

async function attachOrStart(id: string, { container, task }: Found, options: RunOptions): Promise<number | undefined> {
  const { containerd, source, superpowered, log } = options;
  const same =
    container?.labels[SOURCE_LABEL] === source && container.labels[SUPERPOWERED_LABEL] === String(superpowered);
  if (same && isRunning(task)) {
    log.info("The container runs already; going on with it", { pid: task?.pid });
    await using _output = await carryOutput(runFolder(id));
    return await untilEnd(id, options);
  }
  if (container !== undefined) await cleanUp(containerd, id);
  await dropAbandonedLeases(containerd);
  await writeStatus(id, "starting");
  const opened = await openSource({
    ...options,
    signal: options.stop,
    onPulling: (why) => writeStatus(id, why === undefined ? "pulling" : "failing", why),
  });
  await mkdir(runFolder(id), { recursive: true });
  await using output = await carryOutput(runFolder(id));
  await create(id, opened, output, options);
  const pid = await startTask(containerd, id);
  log.info("The container runs", { pid, source });
  return await untilEnd(id, options);
}

/** Takes away what there is of a container and what was made for it. */
export async function cleanUp(containerd: Containerd, id: string): Promise<void> {
  await removeContainer(containerd, id);
  await unmountBuiltIn(rootPlace(id));
  await removePipes(runFolder(id));
}

function rootPlace(id: string): string {
  return join(RUN_FOLDER, id, "root");
}

async function create(id: string, opened: Opened, output: Output, options: RunOptions): Promise<void> {
  const { name, kind, superpowered, source, containerd } = options;
  const folder = persistentFolder({ name, kind });
  const user = await userOf(id, opened, containerd);
  await mkdir(folder, { recursive: true, mode: 0o1777 });
  const specification = specificationOf({
    name,
    kind,
    superpowered,
    config: opened.config,
    user,
    environment: inheritedEnvironment(process.env),
    hostFolders: await hostFolders(),
    limits: await limitsHere(),
  });
  const root =
    opened.kind === "pulled" ? { chain: opened.chain } : { mounts: [await mountBuiltIn(opened.image, rootPlace(id))] };
  const labels = { [SOURCE_LABEL]: source, [SUPERPOWERED_LABEL]: String(superpowered) };
  const { stdio } = output;
  await createContainer(containerd, { id, specification, labels, image: source, root, stdio, runcRoot: RUNC_ROOT });
}

async function userOf(id: string, opened: Opened, containerd: Containerd): Promise<User> {
  const { user } = opened.config;
  const isNamed = needsAccounts(user) && opened.kind === "pulled";
  const accounts = isNamed ? await readAccounts(containerd, opened.chain, runFolder(id)) : undefined;
  return orThrow(parseUser(user, accounts));
}

/** Waits until the process has ended, by itself or because it is told to, and takes the container away. */
async function untilEnd(id: string, options: RunOptions): Promise<number | undefined> {
  const { containerd, stop, log } = options;
  await writeStatus(id, "running");
  await notifyReady(process.env["NOTIFY_SOCKET"], log);
  const over = new AbortController();
  const stopping = stopInOrder(id, options, over);
  try {
    return await waitForExit(containerd, id, over.signal);
  } catch (thrown) {
    if (!over.signal.aborted) throw thrown;
    log.error("The container does not end; giving up");
    return undefined;
  } finally {
    over.abort();
    await stopping;
    if (!stop.aborted) await writeStatus(id, "failing", "the container has ended");
    await cleanUp(containerd, id).catch((thrown: unknown) => {
      if (!(thrown instanceof Fault)) throw thrown;
      log.warn("Not all of the container could be taken away; the next start will", { why: thrown.message });
    });
  }
}

/** When told to stop: SIGTERM, SIGKILL after a while, and an end to waiting after another. */
async function stopInOrder(id: string, options: RunOptions, waiting: AbortController): Promise<void> {
  const { containerd, stop, log } = options;
  const over = waiting.signal;
  const end = AbortSignal.any([stop, over]);
  if (!end.aborted) await new Promise((resolve) => end.addEventListener("abort", resolve, { once: true }));
  if (over.aborted) return;
  log.info("Stopping the container");
  await writeStatus(id, "stopping");
  for (const [number, ms] of [
    [SIGTERM, GRACE_MS],
    [SIGKILL, GIVE_UP_MS],
  ] as const) {
    const time = AbortSignal.any([over, AbortSignal.timeout(ms)]);
    await tell(containerd, id, number, time);
    await sleep(ms, undefined, { signal: time }).catch(() => {}); // it has ended, or its time has
    if (over.aborted) return;
    if (number === SIGTERM) log.warn("The container does not end on SIGTERM; killing it", { seconds: GRACE_MS / 1000 });
  }
  waiting.abort();
}

/** Sends the signal, once containerd is there to pass it on, unless `time` is up before. */
async function tell(containerd: Containerd, id: string, number: number, time: AbortSignal): Promise<void> {
  while (!time.aborted) {
    try {
      return await signalTask(containerd, id, number, { all: number === SIGKILL, signal: time });
    } catch (thrown) {
      if (hasCode(thrown, "containerd-failed") || time.aborted) return; // it has ended
      if (!hasCode(thrown, "unavailable")) throw thrown;
      await sleep(AGAIN_MS, undefined, { signal: time }).catch(() => {});
    }
  }
}
