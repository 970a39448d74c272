/** The steps of boot after user data, each one request. */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import { isTree } from "../../settings/tree.ts";
import { type Api, StatusFault } from "../client/connection.ts";
import { LAUNCH_TX, ask, refusalOf } from "./api.ts";

/** Stages what generators make for keys that nobody has set. */
export async function generate(api: Api, log: Log): Promise<void> {
  const { body } = await ask(api, { method: "POST", uri: `/tx/generate?tx=${LAUNCH_TX}` });
  const keys = JSON.parse(body) as unknown;
  if (Array.isArray(keys) && keys.length > 0) log.info("Settings are generated", { keys });
}

/** Commits `tx`, or returns what is wrong with it as a whole. That there is nothing to commit is fine. */
export async function commit(api: Api, tx: string, log: Log): Promise<readonly string[]> {
  const committed = await api({ method: "POST", uri: `/tx/commit?tx=${encodeURIComponent(tx)}` });
  if (committed.ok) {
    log.info("Settings are committed", { tx, keys: JSON.parse(committed.value.body) as unknown });
  } else if (committed.fault instanceof StatusFault && committed.fault.answer.status === 422) {
    log.debug("There is nothing to commit", { tx });
  } else {
    return refusalOf(committed.fault);
  }
  return [];
}

/** Applies all settings and waits. */
export async function applyAll(api: Api): Promise<ApplyOutcome> {
  const { body } = await ask(api, { method: "POST", uri: "/tx/apply?wait=true" });
  const outcome: unknown = JSON.parse(body);
  if (!isOutcome(outcome)) throw new Fault("bad-answer", "Cannot use the answer of /tx/apply: it is no outcome");
  return outcome;
}

/** As far as boot looks into it. */
function isOutcome(value: unknown): value is ApplyOutcome {
  if (!isTree(value) || typeof value["ok"] !== "boolean") return false;
  return [value["files"], value["services"]].every((list) => Array.isArray(list) && list.every(isTree));
}
