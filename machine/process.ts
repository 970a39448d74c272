/**
 * Which process is meant by a number on disk: its start time goes with it, so that a number used again by another
 * program is never taken for ours (proc_pid_stat(5), field 22).
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type ProcessId = { readonly pid: number; readonly start: string };

/** The identity of a running process, or undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessId | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // no such process
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  return start === undefined || state === "Z" || state === "X" ? undefined : { pid, start };
}

export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.start === id.start;
}

/** Sends a signal when the process is still the one meant; says whether it was. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    process.kill(id.pid, signal);
    return true;
  } catch {
    return false; // it ended just now
  }
}

/** Waits until the process is gone; false when the time is over first. */
export async function waitUntilGone(id: ProcessId, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (isAlive(id)) {
    if (performance.now() > end) return false;
    await sleep(50);
  }
  return true;
}
