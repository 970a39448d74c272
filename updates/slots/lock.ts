/**
 * One writer of the table at a time: without this, of two programs that each read, decide and write, the later would
 * undo the earlier. The lock is a file that names its holder; one left behind by a process that is gone is taken over.
 */
import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../base/result.ts";

export const LOCK_PATH = "/run/signpost.lock";

/** Runs `work` while holding the lock at `path`, waiting for it up to `timeoutMs`. Throws `Fault("locked")`. */
export async function withLock<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const own = `${path}.${randomBytes(6).toString("hex")}`;
  const until = performance.now() + timeoutMs;
  await writeFile(own, `${process.pid} ${(await startOf(process.pid)) ?? ""}\n`, { flag: "wx", mode: 0o600 });
  try {
    // link(2) makes the file appear with its content in it, and fails when there is one already.
    while (!(await tryLink(own, path))) {
      const holder = await holderOf(path);
      if (holder === undefined) await setAside(path);
      else if (performance.now() < until) await sleep(50);
      else throw new Fault("locked", `Cannot change the partition table: process ${holder} is changing it`, { holder });
    }
  } finally {
    await rm(own, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Process id of the living holder, or undefined. */
async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [, pid = "", start] = /^([0-9]+) ([0-9]+)\n$/.exec(text) ?? [];
  return start !== undefined && (await startOf(Number(pid))) === start ? Number(pid) : undefined;
}

/** Moves a lock without a living holder away; one that another process took meanwhile is put back. */
async function setAside(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch {
    return; // gone already
  }
  if ((await holderOf(aside)) !== undefined) await tryLink(aside, path);
  await rm(aside, { force: true });
}

/** Start time of a process in clock ticks, field 22 of proc_pid_stat(5): process ids are used again, pairs are not. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw Fault.from("lock-failed", `Cannot make the lock "${to}"`, thrown, { path: to });
  }
}
