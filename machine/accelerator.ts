/**
 * Whether guests really start under KVM here. A `/dev/kvm` that opens is not enough: nested ones may run a first
 * instruction and fail in the firmware. So the firmware itself is started until it writes to the console; the answer
 * is kept until the host boots again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurable } from "../base/durable.ts";
import { type Accelerator, planProbe } from "./plan.ts";
import { qemuMajor, type QemuTools } from "./tools.ts";

export type HostAbility = { readonly accelerator: Accelerator; readonly qemuMajor: number };

type Asked = { readonly bootId: string; readonly command: string; readonly opens: boolean };
type Kept = HostAbility & Asked;
const keptSchema: z.ZodType<Kept> = z.object({
  accelerator: z.enum(["kvm", "tcg"]),
  qemuMajor: z.number(),
  bootId: z.string(),
  command: z.string(),
  opens: z.boolean(),
});

const keptName = ".accelerator.json";
const probeTimeoutMs = 8000;

/** What machines can use, asked once per boot of the host and kept in `base`. */
export async function hostAbility(tools: QemuTools, base: string, signal?: AbortSignal): Promise<HostAbility> {
  const path = join(base, keptName);
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const command = tools.command([], "/").join(" ");
  const opens = await opensKvm();
  const kept = await readKept(path);
  if (kept?.bootId === bootId && kept.command === command && kept.opens === opens) return kept;
  await mkdir(base, { recursive: true });
  const major = await qemuMajor(tools);
  const usable = opens && (await startsUnderKvm(tools, base, signal));
  const ability: Kept = { accelerator: usable ? "kvm" : "tcg", qemuMajor: major, bootId, command, opens };
  signal?.throwIfAborted();
  await writeFileDurable(path, `${JSON.stringify(ability)}\n`);
  return ability;
}

async function readKept(path: string): Promise<Kept | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined); // not asked yet
  if (text === undefined) return undefined;
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // of another version, or damaged: it is asked again
  }
}

function opensKvm(): Promise<boolean> {
  return access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function startsUnderKvm(tools: QemuTools, base: string, signal?: AbortSignal): Promise<boolean> {
  const folder = await mkdtemp(join(base, ".probe-"));
  try {
    const args = planProbe({ accelerator: "kvm", qemuMajor: 0, firmwareCode: tools.firmwareCode });
    const [program, ...rest] = tools.command(args, folder);
    const child = spawn(program, rest, { cwd: folder, env: {}, stdio: ["ignore", "pipe", "ignore"], detached: true });
    const ended = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    });
    const wrote = new Promise<boolean>((resolve) => {
      child.stdout.once("data", () => resolve(true));
      void ended.then(() => resolve(false));
      setTimeout(() => resolve(false), probeTimeoutMs).unref();
      signal?.addEventListener("abort", () => resolve(false), { once: true });
    });
    const answer = await wrote;
    killGroup(child);
    await ended;
    return answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills a program started with `detached`, and what it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // it ended just now
  }
}
