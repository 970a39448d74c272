/**
 * Carrying an apply plan out: write what differs, run the commands of each service, ask the kernel. Contracts section
 * 7.6: with given keys one file that cannot be rendered keeps everything from being written; with `all` the rest goes on.
 * Services whose file failed are not restarted; the others are.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurable } from "../../base/durable.ts";
import { Fault } from "../../base/result.ts";
import type { FileOutcome, ServiceOutcome, ServiceRunner, StepOutcome } from "./outcome.ts";
import { SYSTEMCTL } from "../services/table.ts";
import type { ApplyPlan, PlannedFile, PlannedService } from "./plan.ts";
import { settle } from "./settle.ts";
import { checkSysctl } from "./sysctl.ts";
import type { UnitManager } from "./units.ts";

const MAX_PROBLEM = 500;

export type ApplyOptions = {
  readonly root: string;
  readonly runner: ServiceRunner;
  /** True when one failing file must keep all from being written. */
  readonly strict: boolean;
  /** Looked at after the commands of given keys; not at boot, where units are yet to start. */
  readonly units?: UnitManager | undefined;
};

export type Applied = { readonly files: readonly FileOutcome[]; readonly services: readonly ServiceOutcome[] };

export async function carryOut(plan: ApplyPlan, options: ApplyOptions): Promise<Applied> {
  const stop = options.strict && plan.files.some(({ content }) => "problem" in content);
  const files: FileOutcome[] = [];
  for (const planned of plan.files) files.push(await write(planned, options.root, stop));
  const bad = new Set(files.filter(({ state }) => state === "failed" || state === "skipped").map(({ name }) => name));
  const services: ServiceOutcome[] = [];
  if (files.some(({ path, state }) => state === "written" && path.startsWith("/etc/systemd/system/"))) {
    services.push(await reloadUnits(options));
  }
  for (const planned of plan.services) {
    const blocked = planned.service.configurationFiles.filter((name) => bad.has(name));
    services.push(blocked.length > 0 ? { ...nothingDone(planned), state: "skipped" } : await serve(planned, options));
  }
  const { units } = options;
  const look = options.strict && units !== undefined;
  return { files, services: look ? await settle(services, plan.services, units) : services };
}

async function write({ name, file, content }: PlannedFile, root: string, stop: boolean): Promise<FileOutcome> {
  const outcome = { name, path: file.path };
  if ("problem" in content) return { ...outcome, state: "failed", durationMs: 0, problem: content.problem };
  if (stop) {
    return { ...outcome, state: "skipped", durationMs: 0, problem: "Another file could not be rendered" };
  }
  const path = join(root, file.path);
  const timer = startTimer();
  try {
    if (await isAsWanted(path, content.text, file.mode)) return { ...outcome, state: "unchanged", durationMs: timer() };
    await writeFileDurable(path, content.text, { mode: file.mode, parents: true });
    return { ...outcome, state: "written", durationMs: timer() };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { ...outcome, state: "failed", durationMs: timer(), problem: thrown.message };
  }
}

/** False for anything but a plain file of these bytes and this mode; the write that follows tells what is wrong. */
async function isAsWanted(path: string, text: string, mode: number): Promise<boolean> {
  try {
    const found = await stat(path);
    if (!found.isFile() || (found.mode & 0o7777) !== mode || found.size !== Buffer.byteLength(text)) return false;
    return (await readFile(path, "utf8")) === text;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) return false;
    throw cause;
  }
}

async function serve(planned: PlannedService, options: ApplyOptions): Promise<ServiceOutcome> {
  const commands: StepOutcome[] = [];
  for (const argv of planned.commands) {
    const step = argv.join(" ");
    if (commands.some(({ state }) => state !== "done")) {
      commands.push({ step, state: "skipped", durationMs: 0 });
      continue;
    }
    const timer = startTimer();
    const ran = await options.runner(argv, planned.environment);
    const durationMs = timer();
    if (ran.ok) commands.push({ step, state: "done", durationMs });
    else commands.push({ step, state: "failed", durationMs, problem: cut(ran.fault.message) });
  }
  const checks = [...(await checkSysctls(planned, options)), ...(await readBack(planned, options))];
  const good = [...commands, ...checks].every(({ state }) => state === "done");
  return { name: planned.name, state: good ? "applied" : "failed", commands, checks };
}

async function checkSysctls(planned: PlannedService, options: ApplyOptions): Promise<readonly StepOutcome[]> {
  const checks: StepOutcome[] = [];
  for (const [key, wanted] of Object.entries(planned.sysctls)) {
    const timer = startTimer();
    const problem = await checkSysctl(options.root, key, wanted);
    const step = `read back ${key}`;
    if (problem === undefined) checks.push({ step, state: "done", durationMs: timer() });
    else checks.push({ step, state: "failed", durationMs: timer(), problem: `Cannot set "${key}": ${problem}` });
  }
  return checks;
}

async function readBack({ readBacks }: PlannedService, { root }: ApplyOptions): Promise<readonly StepOutcome[]> {
  const checks: StepOutcome[] = [];
  for (const { what, path, judge } of readBacks) {
    const timer = startTimer();
    const problem = judge(await readIfThere(join(root, path)));
    const step = `read back ${what}`;
    if (problem === undefined) checks.push({ step, state: "done", durationMs: timer() });
    else checks.push({ step, state: "failed", durationMs: timer(), problem: `Cannot set ${what}: ${problem}` });
  }
  return checks;
}

/** Undefined where nothing is that can be read; empty for a folder. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    return cause.code === "EISDIR" ? "" : undefined;
  }
}

async function reloadUnits(options: ApplyOptions): Promise<ServiceOutcome> {
  const commands = [[SYSTEMCTL, "daemon-reload"]] as const;
  const service = { configurationFiles: [], restartCommands: commands };
  return serve({ name: "systemd", service, commands, environment: {}, sysctls: {}, readBacks: [] }, options);
}

/** What a program said may be long, and outcomes are kept. */
function cut(problem: string): string {
  return problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem;
}

function nothingDone({ name }: PlannedService): Omit<ServiceOutcome, "state"> {
  return { name, commands: [], checks: [] };
}

function startTimer(): () => number {
  const start = performance.now();
  return () => Math.round((performance.now() - start) * 10) / 10;
}
