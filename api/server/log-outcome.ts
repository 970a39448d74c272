/** What applying did, for the log: one line when all is well, one error for each piece that is not. */
import type { Log } from "../../base/log.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";

export function logOutcome(outcome: ApplyOutcome, log: Log): void {
  const { generation, durationMs } = outcome;
  const written = outcome.files.filter(({ state }) => state === "written").map(({ path }) => path);
  if (outcome.ok) {
    log.info("Settings are applied", { generation, written, ms: durationMs });
    return;
  }
  for (const { path, state, problem } of outcome.files) {
    if (state === "failed" || state === "skipped") log.error("A file is not written", { path, problem });
  }
  for (const { name, state, commands, checks } of outcome.services) {
    if (state === "applied") continue;
    const failed = [...commands, ...checks].filter((step) => step.state === "failed");
    for (const { step, problem } of failed) log.error("A service is not as set", { service: name, step, problem });
    if (failed.length === 0) log.error("A service is left as it was", { service: name, problem: "see its files" });
  }
  log.error("Settings are not applied in full", { generation, written, ms: durationMs });
}
