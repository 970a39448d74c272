/** One container of containerd's and the process in it: made, found, waited for, stopped, taken away. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Containerd, hasCode, unlessMissing } from "../containerd/connection.ts";
import { type Container, containers, type Process, snapshots, TASK_STATES, tasks } from "../containerd/services.ts";
import { type Mount, runcOptions, RUNC_OPTIONS_URL, specificationAny } from "../containerd/types.ts";
import { underLease } from "../pull/lease.ts";
import { SNAPSHOTTER } from "../pull/unpack.ts";

/** The source of a container that was made here. */
export const SOURCE_LABEL = "sparkler/source";
export const RUNTIME = "io.containerd.runc.v2";
const AGAIN_MS = 500;
/** How long cleaning one thing up may take. */
const REMOVE_MS = 60_000;
/** How long runc may take to make one: on a slow machine with much to do, minutes. */
const CREATE_MS = 180_000;

export type Stdio = { readonly stdout: string; readonly stderr: string };

export type NewContainer = {
  readonly id: string;
  readonly specification: object;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  /** The chain id of an unpacked image, or mounts of another root. */
  readonly root: { readonly chain: string } | { readonly mounts: readonly Mount[] };
  readonly stdio: Stdio;
  readonly runcRoot: string;
};

/** The name of the snapshot that a container writes to. */
export function snapshotOf(id: string): string {
  return `${id}-snapshot`;
}

/** Makes the container and its process, which does not run yet. What is half made is left to `removeContainer`. */
export async function createContainer(containerd: Containerd, made: NewContainer): Promise<void> {
  const { id, root } = made;
  const mounts = await underLease(containerd, async (lease) => {
    const rootMounts = "chain" in root ? await prepare(containerd, id, root.chain, lease) : root.mounts;
    const container: Container = {
      id,
      labels: made.labels,
      image: made.image,
      runtime: { name: RUNTIME, options: undefined },
      spec: specificationAny(made.specification),
      snapshotter: "chain" in root ? SNAPSHOTTER : "",
      snapshotKey: "chain" in root ? snapshotOf(id) : "",
    };
    await containerd.call(containers.create, { container }, { lease });
    return rootMounts;
  });
  const options = {
    typeUrl: RUNC_OPTIONS_URL,
    value: runcOptions.encode({ root: made.runcRoot, systemdCgroup: true }),
  };
  const task = { containerId: id, rootfs: mounts, ...made.stdio, terminal: false, options };
  await containerd.call(tasks.create, task, { timeoutMs: CREATE_MS });
}

/** A snapshot that is there already belongs to no container: it was left by a cut. */
async function prepare(containerd: Containerd, id: string, parent: string, lease: string): Promise<readonly Mount[]> {
  const wanted = { snapshotter: SNAPSHOTTER, key: snapshotOf(id), parent };
  try {
    return (await containerd.call(snapshots.prepare, wanted, { lease })).mounts;
  } catch (thrown) {
    if (!hasCode(thrown, "already-exists")) throw thrown;
    await unlessMissing(containerd.call(snapshots.remove, { snapshotter: SNAPSHOTTER, key: wanted.key }));
    return (await containerd.call(snapshots.prepare, wanted, { lease })).mounts;
  }
}

export async function startTask(containerd: Containerd, id: string): Promise<number> {
  return (await containerd.call(tasks.start, { containerId: id }, { timeoutMs: CREATE_MS })).pid;
}

export type Found = { readonly container: Container | undefined; readonly task: Process | undefined };

/** The container and its process, where they are there; of a container that is not there containerd knows no process. */
export async function findContainer(containerd: Containerd, id: string, signal?: AbortSignal): Promise<Found> {
  const container = (await unlessMissing(containerd.call(containers.get, { id }, { signal })))?.container;
  if (container === undefined) return { container, task: undefined };
  const task = await unlessMissing(containerd.call(tasks.get, { containerId: id }, { signal }));
  return { container, task: task?.process };
}

export function isRunning(task: Process | undefined): boolean {
  return task !== undefined && TASK_STATES[task.status] === "running";
}

/**
 * The exit status of the process, once it has ended, however often containerd restarts in between; undefined when
 * containerd does not know it any more.
 */
export async function waitForExit(
  containerd: Containerd,
  id: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (;;) {
    try {
      const call = { signal, timeoutMs: Number.POSITIVE_INFINITY };
      return (await containerd.call(tasks.wait, { containerId: id }, call)).exitStatus;
    } catch (thrown) {
      signal.throwIfAborted();
      if (hasCode(thrown, "not-found")) return undefined;
      if (!hasCode(thrown, "unavailable") && !hasCode(thrown, "cancelled")) throw thrown;
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }
}

/** Sends a signal to the container's first process, or to all that are in it. */
export async function signalTask(
  containerd: Containerd,
  id: string,
  number: number,
  { all = false, signal }: { readonly all?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  await unlessMissing(containerd.call(tasks.kill, { containerId: id, signal: number, all }, { signal }));
}

const SIGKILL = 9;

/** Takes away whatever there is of a container, running or not. Nothing there is fine; the first failure is thrown. */
export async function removeContainer(containerd: Containerd, id: string): Promise<void> {
  const limit = { timeoutMs: REMOVE_MS };
  const task = await unlessMissing(containerd.call(tasks.get, { containerId: id }, limit));
  if (task?.process !== undefined) {
    if (TASK_STATES[task.process.status] !== "stopped") {
      await signalTask(containerd, id, SIGKILL, { all: true });
      await containerd.call(tasks.wait, { containerId: id }, limit).catch(() => {}); // deleting tells
    }
    await unlessMissing(containerd.call(tasks.delete, { containerId: id }, limit));
  }
  await unlessMissing(containerd.call(containers.delete, { id }, limit));
  await unlessMissing(containerd.call(snapshots.remove, { snapshotter: SNAPSHOTTER, key: snapshotOf(id) }, limit));
}
