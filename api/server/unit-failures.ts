/**
 * Units that fail, as the journal tells it: systemd writes an entry with a known id for each (its catalog calls it
 * `SD_MESSAGE_UNIT_FAILURE_RESULT`). The journal is followed only while somebody wants to know.
 */
import { spawn } from "node:child_process";
import type { Log } from "../../base/log.ts";
import { isTree } from "../../settings/tree.ts";

export type UnitFailure = {
  readonly unit: string;
  /** Why, in systemd's words: `exit-code`, `timeout`, `oom-kill`, … */
  readonly result: string;
  /** ISO 8601. */
  readonly at: string;
};

/** Begins to watch; what is returned ends it. */
export type WatchUnits = (failed: (failure: UnitFailure) => void, log: Log) => () => void;

const UNIT_FAILURE_RESULT = "d9b373ed55a64feb8242e02dbe79a49c";
const ARGV = ["--follow", "--lines=0", "--output=json", `MESSAGE_ID=${UNIT_FAILURE_RESULT}`];
/** An entry of the journal in JSON is one line; one that goes on for longer is none of those looked for. */
const MAX_LINE = 256 * 1024;

/** Entries from here on, read with `journalctl`. Without one, a warning and nothing else. */
export const watchJournal: WatchUnits = (failed, log) => {
  const child = spawn("/usr/bin/journalctl", ARGV, { stdio: ["ignore", "pipe", "ignore"], env: { LC_ALL: "C.UTF-8" } });
  let ended = false;
  let held = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    const lines = `${held}${text}`.split("\n");
    held = (lines.pop() ?? "").slice(-MAX_LINE);
    for (const line of lines) {
      const failure = readEntry(line);
      if (failure !== undefined) failed(failure);
    }
  });
  child.on("error", (cause) => log.warn("Failures of units are not reported", { reason: cause.message }));
  child.on("exit", (status) => {
    if (!ended) log.warn("Failures of units are no longer reported: journalctl has ended", { status });
  });
  return () => {
    ended = true;
    child.kill();
  };
};

/** The failure that a journal entry tells of, if it does. */
export function readEntry(line: string): UnitFailure | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined; // an entry cut off by the end of the program
  }
  if (!isTree(entry)) return undefined;
  const { UNIT: unit, UNIT_RESULT: result, __REALTIME_TIMESTAMP: micros } = entry;
  if (typeof unit !== "string") return undefined;
  const ms = typeof micros === "string" ? Number(micros) / 1000 : Number.NaN;
  const at = new Date(Number.isFinite(ms) ? ms : Date.now()).toISOString();
  return { unit, result: typeof result === "string" ? result : "unknown", at };
}
