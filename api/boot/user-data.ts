/**
 * Staging user data, contracts section 7.1: all sources or none. Every problem of every source is found before anything
 * is refused, so that one round of mending is enough.
 */
import type { Fault, Result } from "../../base/result.ts";
import { SettingsFault, formatProblem } from "../../settings/fault.ts";
import type { Log } from "../../base/log.ts";
import type { Api } from "../client/connection.ts";
import { LAUNCH_TX, ask, refusalOf } from "./api.ts";

export type UserDataDocument = { readonly source: string; readonly settings: object };

/** What is wrong, and where: `problem` starts with the path of the setting where there is one. */
export type UserDataProblem = { readonly source: string; readonly problem: string };

/** The documents in the order in which they count, later ones over earlier ones; or every problem of their form. */
export type ReadUserData = () => Promise<Result<readonly UserDataDocument[], "invalid-user-data">>;

/** Stages all user data, or nothing and returns why not. Drops what an earlier try left staged. */
export async function stageUserData(
  api: Api,
  readUserData: ReadUserData,
  log: Log,
): Promise<readonly UserDataProblem[]> {
  await dropLaunch(api);
  const read = await readUserData();
  if (!read.ok) return problemsOf(read.fault);
  const documents = read.value;
  if (documents.length === 0) log.info("There is no user data");
  const problems: UserDataProblem[] = [];
  for (const { source, settings } of documents) {
    const from = encodeURIComponent(`user-data:${source.slice(0, 200)}`);
    const body = JSON.stringify(settings);
    const staged = await api({ method: "PATCH", uri: `/settings?tx=${LAUNCH_TX}&from=${from}`, body });
    if (staged.ok) log.info("User data is staged", { source });
    else problems.push(...refusalOf(staged.fault).map((problem) => ({ source, problem })));
  }
  if (problems.length > 0) await dropLaunch(api);
  return problems;
}

/** One error each: the path of the setting and the source stand in the line. */
export function reportProblems(problems: readonly UserDataProblem[], log: Log): void {
  for (const { source, problem } of problems) log.error("User data is refused", { source, problem });
}

export async function dropLaunch(api: Api): Promise<void> {
  await ask(api, { method: "DELETE", uri: `/tx?tx=${LAUNCH_TX}` });
}

function problemsOf(fault: Fault): readonly UserDataProblem[] {
  if (!(fault instanceof SettingsFault)) return [{ source: "user data", problem: fault.message }];
  return fault.problems.map(({ source, ...problem }) => ({
    source: source ?? "user data",
    problem: formatProblem(problem),
  }));
}
