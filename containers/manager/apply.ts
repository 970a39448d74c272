/** Carrying out the plan for host containers: their files, their units, and waiting for what comes of it. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFileDurable } from "../../base/durable.ts";
import type { Log } from "../../base/log.ts";
import { ok, reason, type Result } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { hasProcesses } from "../host/cgroup.ts";
import { persistentFolder } from "../host/specification.ts";
import { readStatus, RUN_FOLDER, runFolder, type Status } from "../host/status.ts";
import type { HostContainersPlan, Present } from "./plan.ts";
import type { Wanted } from "./wanted.ts";

const SYSTEMCTL = "/usr/bin/systemctl";
const HOST_CTR = "/usr/bin/host-ctr";
const RUNTIME_UNIT = "host-containerd.service";
/** More than a container is given to end. */
const STOP_MS = 70_000;
const CLEAN_UP_MS = 20_000;
/** How long a change waits for a container to come up, and how long while its image is still on its way: no failure. */
const WAIT_MS = 60_000;
const PULL_MS = 45_000;
/** How long a container must run to count. */
const STEADY_MS = 1000;
const AGAIN_MS = 200;

/** As a word of a unit's environment file, so that the runner and the next change know how it was started. */
const SOURCE = "CTR_SOURCE";
const SUPERPOWERED = "CTR_SUPERPOWERED";
const USER_DATA = "CTR_USER_DATA_DIGEST";

export function unitOf(name: string): string {
  return `host-containers@${name}.service`;
}

export function digestOf(userData: string | undefined): string {
  return userData === undefined ? "" : createHash("sha256").update(userData).digest("hex");
}

/** The containers that were started since boot. */
export async function readPresent(root: string = RUN_FOLDER): Promise<readonly Present[]> {
  const names = await readdir(root).catch((): string[] => []);
  const found = await Promise.all(
    names.map(async (name) => readEnvironment(name, await readFile(join(root, name, "env"), "utf8").catch(() => ""))),
  );
  return found.flatMap((each) => each ?? []);
}

function readEnvironment(name: string, text: string): Present | undefined {
  const words = new Map(
    text.split("\n").map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]),
  );
  const source = words.get(SOURCE);
  if (source === undefined) return undefined;
  return { name, source, superpowered: words.get(SUPERPOWERED) === "true", userDataDigest: words.get(USER_DATA) ?? "" };
}

/** Stops and starts what the plan says. Returns what went wrong, a sentence each; one container does not stop another. */
export async function applyPlan(plan: HostContainersPlan, log: Log): Promise<readonly string[]> {
  const problems: string[] = [];
  if (plan.stop.length > 0) problems.push(...(await stopAll(plan.stop, log)));
  const ready: Wanted[] = [];
  for (const wanted of plan.start) {
    try {
      await writeFiles(wanted);
      ready.push(wanted);
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      problems.push(`Cannot start host container "${wanted.name}": ${reason(thrown)}`);
    }
  }
  if (ready.length === 0) return problems;
  for (const { name } of ready) log.info("Starting a host container", { name });
  const started = await run([SYSTEMCTL, "start", "--no-block", "--", ...ready.map(({ name }) => unitOf(name))]);
  return started.ok ? problems : [...problems, started.fault.message];
}

async function stopAll(names: readonly string[], log: Log): Promise<readonly string[]> {
  for (const name of names) log.info("Stopping a host container", { name });
  const stopped = await run([SYSTEMCTL, "stop", "--", ...names.map(unitOf)], { timeoutMs: STOP_MS });
  if (!stopped.ok) return [stopped.fault.message];
  const problems: string[] = [];
  for (const name of names) {
    const gone = await takeAway(name, log);
    // What is kept of it there lets the next change try again.
    if (gone.ok) await rm(runFolder(name), { recursive: true, force: true });
    else problems.push(`Cannot stop host container "${name}": ${gone.fault.message}`);
  }
  return problems;
}

/** A container outlives its unit where the runner was killed, and was not back yet when the unit was stopped. */
async function takeAway(name: string, log: Log): Promise<Result<unknown>> {
  if (!(await hasProcesses(name))) return ok(undefined);
  log.warn("A host container runs on without its runner, and is killed", { name });
  const there = await run([SYSTEMCTL, "start", RUNTIME_UNIT], { timeoutMs: CLEAN_UP_MS });
  return there.ok ? run([HOST_CTR, "clean-up", `--container-id=${name}`], { timeoutMs: CLEAN_UP_MS }) : there;
}

async function writeFiles({ name, source, superpowered, userData }: Wanted): Promise<void> {
  const persistent = persistentFolder({ name, kind: "host" });
  await mkdir(persistent, { recursive: true, mode: 0o700 });
  await writeUserData(join(persistent, "user-data"), userData);
  const folder = runFolder(name);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await rm(join(folder, "status"), { force: true });
  const words = { [SOURCE]: source, [SUPERPOWERED]: String(superpowered), [USER_DATA]: digestOf(userData) };
  const lines = Object.entries(words).map(([word, value]) => `${word}=${value}\n`);
  await writeFile(join(folder, "env"), lines.join(""), { mode: 0o644 });
}

/** Written only when it differs: a full disk is no reason not to start a container whose data are there. */
async function writeUserData(path: string, userData: string | undefined): Promise<void> {
  if (userData === undefined) return rm(path, { force: true });
  const bytes = Buffer.from(userData, "base64");
  const there = await readFile(path).catch(() => undefined);
  const isPrivate = await stat(path).then(
    ({ mode }) => (mode & 0o077) === 0,
    () => false,
  );
  if (there?.equals(bytes) !== true || !isPrivate) await writeFileDurable(path, bytes, { mode: 0o600 });
}

/** Waits until each container runs, fails, or has taken its time. Returns what went wrong, a sentence each. */
export async function awaitContainers(names: readonly string[], log: Log): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => awaitOne(name, log)));
  return found.flatMap((each) => each ?? []);
}

/** What is wrong at this moment with containers that a change did not touch, a sentence each. */
export async function findFailing(names: readonly string[]): Promise<readonly string[]> {
  const all = await Promise.all(names.map(async (name) => ({ name, status: await readStatus(name) })));
  return all.flatMap(({ name, status }) => (status?.phase === "failing" ? failure(name, status) : []));
}

async function awaitOne(name: string, log: Log): Promise<string | undefined> {
  const begun = performance.now();
  let since: number | undefined;
  for (;;) {
    const status = await readStatus(name);
    if (status?.phase === "failing") return failure(name, status);
    since = status?.phase === "running" ? (since ?? performance.now()) : undefined;
    if (since !== undefined && performance.now() - since >= STEADY_MS) return undefined;
    if (performance.now() - begun > (status?.phase === "pulling" ? PULL_MS : WAIT_MS)) {
      log.warn("A host container does not run yet; it goes on by itself", { name, phase: status?.phase ?? "unknown" });
      return undefined;
    }
    await sleep(AGAIN_MS);
  }
}

function failure(name: string, { why = "it does not say why" }: Status): string {
  return `Host container "${name}" does not run yet, and is tried again: ${why}`;
}
