/** The steps of boot after user data, each one request. */
import type { Log } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import { type Api, StatusFault } from "../client/connection.ts";
import { LAUNCH_TX, ask } from "./api.ts";

/** Stages what generators make for keys that nobody has set. */
export async function generate(api: Api, log: Log): Promise<void> {
  const { body } = await ask(api, { method: "POST", uri: `/tx/generate?tx=${LAUNCH_TX}` });
  const keys = JSON.parse(body) as unknown;
  if (Array.isArray(keys) && keys.length > 0) log.info("Settings are generated", { keys });
}

/** Commits `tx`; that there is nothing to commit is fine. */
export async function commit(api: Api, tx: string, log: Log): Promise<void> {
  const committed = await api({ method: "POST", uri: `/tx/commit?tx=${encodeURIComponent(tx)}` });
  if (committed.ok) {
    log.info("Settings are committed", { tx, keys: JSON.parse(committed.value.body) as unknown });
  } else if (committed.fault instanceof StatusFault && committed.fault.answer.status === 422) {
    log.debug("There is nothing to commit", { tx });
  } else {
    orThrow(committed);
  }
}

/** Applies all settings and waits. */
export async function applyAll(api: Api): Promise<ApplyOutcome> {
  const { body } = await ask(api, { method: "POST", uri: "/tx/apply?wait=true" });
  return JSON.parse(body) as ApplyOutcome;
}
