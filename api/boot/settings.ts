/**
 * The settings of a boot, in the order of contracts section 1.1: user data at the first boot, generators, commit, the
 * marker, applying everything. User data and generated values become one generation, so a power cut leaves none or all.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import type { Api } from "../client/connection.ts";
import { LAUNCH_TX, generationOf, waitForApi } from "./api.ts";
import { hasMarker, writeMarker } from "./marker.ts";
import { applyAll, commit, generate } from "./steps.ts";
import { dropLaunch, type ReadUserData, reportProblems, stageUserData, type UserDataProblem } from "./user-data.ts";

export type BootOptions = {
  readonly api: Api;
  readonly log: Log;
  readonly marker: string;
  readonly readUserData: ReadUserData;
  /** How long to wait for the API to answer at first; default 60 s. */
  readonly waitMs?: number;
  /** How often to look whether refused user data was mended; default 1 s. */
  readonly pollMs?: number;
};

/** Brings the settings of this boot about. Throws the fault of the step that failed; nothing is half-committed then. */
export async function bootSettings(options: BootOptions): Promise<ApplyOutcome> {
  const { api, log, marker } = options;
  await waitForApi(api, options.waitMs ?? 60_000);
  const firstBoot = !(await hasMarker(marker));
  if (firstBoot) {
    const problems = await commitWithUserData(options);
    if (problems.length > 0) await waitForMending(problems, options);
    if (problems.length > 0) await commitWithoutUserData(api, log);
    await writeMarker(marker);
  } else {
    await commitWithoutUserData(api, log);
  }
  const outcome = await applyAll(api);
  report(outcome, log);
  return outcome;
}

/** Commits user data and what is generated on top of it; the problems when they are refused, with nothing staged. */
async function commitWithUserData({ api, log, readUserData }: BootOptions): Promise<readonly UserDataProblem[]> {
  const problems = await stageUserData(api, readUserData, log);
  if (problems.length > 0) return problems;
  await generate(api, log);
  const refused = await commit(api, LAUNCH_TX, log);
  if (refused.length > 0) await dropLaunch(api);
  return refused.map((problem) => ({ source: "all user data together", problem }));
}

async function commitWithoutUserData(api: Api, log: Log): Promise<void> {
  await generate(api, log);
  const refused = await commit(api, LAUNCH_TX, log);
  if (refused.length > 0) throw new Fault("refused", `Cannot commit generated settings: ${refused.join("; ")}`);
}

/** Tells what is wrong and how to mend it, and waits until somebody has committed settings through the API. */
async function waitForMending(problems: readonly UserDataProblem[], options: BootOptions): Promise<void> {
  const { api, log, pollMs } = options;
  reportProblems(problems, log);
  const before = await generationOf(api);
  log.error("Boot waits for settings: set what is needed with `apiclient set KEY=VALUE`; any commit lets it go on");
  while (!(await movedOn(api, before))) await sleep(pollMs ?? 1000);
  log.info("Settings were committed: boot goes on without the user data");
}

/** A server that is just being restarted has not moved on. */
async function movedOn(api: Api, before: number): Promise<boolean> {
  try {
    return (await generationOf(api)) !== before;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === "unreachable") return false;
    throw thrown;
  }
}

/** What is not as set stands in the server's log piece by piece; here once more for the console, in short. */
function report(outcome: ApplyOutcome, log: Log): void {
  if (outcome.ok) return log.info("Settings are applied", { generation: outcome.generation, ms: outcome.durationMs });
  const files = outcome.files.filter(({ state }) => state === "failed" || state === "skipped").map(({ path }) => path);
  const services = outcome.services.filter(({ state }) => state !== "applied").map(({ name }) => name);
  log.error("Settings are not applied in full; see /status/apply", { files, services });
}
