/** Carrying out what was asked: facts, plan, steps, and facts again where only a step brings them to light. */
import { mkdir } from "node:fs/promises";
import type { Log } from "../../base/log.ts";
import { Fault, orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { findDisks, readFacts } from "./facts.ts";
import { allowedFolders, checkFolders, chooseDisks, type FileSystem } from "./names.ts";
import { planBind, planInit, type Step } from "./plan.ts";
import type { EphemeralRequest } from "./request.ts";

/** mkfs of a large array may take its time. */
const TIMEOUT_MS = 300_000;

/** mdadm makes its links itself: no rule of udev's does. */
const ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin", LC_ALL: "C.UTF-8", MDADM_NO_UDEV: "1" };

/** Throws a `Fault` whose code is an `EphemeralFault`. Done again after an interruption it comes to the same end. */
export async function carryOut(request: EphemeralRequest, log: Log): Promise<void> {
  if (request.kind === "init") await initialise(request.disks, request.fileSystem, log);
  else await bind(request.folders, log);
}

async function initialise(named: readonly string[], type: FileSystem, log: Log): Promise<void> {
  const disks = orThrow(chooseDisks(named, await findDisks()));
  if (disks.length === 0) return log.info("There are no ephemeral disks; nothing is initialised");
  // The first round may bring an array up, and the second sees what is on it.
  for (let round = 0; round < 2; round += 1) {
    const steps = orThrow(planInit(await readFacts(disks), type));
    if (steps.length === 0) break;
    await take(steps, log);
  }
  return log.info("Ephemeral storage is initialised", { disks, fileSystem: type });
}

async function bind(folders: readonly string[], log: Log): Promise<void> {
  const targets = orThrow(checkFolders(folders, allowedFolders()));
  await take(orThrow(planBind(await readFacts(await findDisks()), targets)), log);
  log.info("Folders are on ephemeral storage", { folders: targets });
}

async function take(steps: readonly Step[], log: Log): Promise<void> {
  for (const step of steps) {
    if (step.kind === "folder") {
      await makeFolder(step.path);
      continue;
    }
    log.info("Ephemeral storage: a step", { step: step.why });
    const ran = await run(step.argv, { env: ENVIRONMENT, timeoutMs: TIMEOUT_MS, maxOutput: 64 * 1024 });
    if (!ran.ok) throw Fault.from("tool-failed", `Cannot ${step.why}`, ran.fault);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw Fault.from("tool-failed", `Cannot make the folder "${path}"`, cause);
  }
}
