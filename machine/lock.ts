/**
 * Locks as files that name the process holding them. A lock whose process is gone is taken over; nothing waits.
 */
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { identify, isAlive, type ProcessId } from "./process.ts";

export type Lock = Disposable;

/** Takes the lock at `path`, or answers undefined when a living process holds it. */
export function takeLock(path: string): Lock | undefined {
  const own = identify(process.pid);
  if (own === undefined) throw new Error("this process is not in /proc");
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  const file = openSync(temporary, "wx");
  writeSync(file, `${own.pid} ${own.start}\n`);
  closeSync(file);
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (link(temporary, path)) return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
      if (lockHolder(path) !== undefined) return undefined;
      setAside(path);
    }
    return undefined;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The living process that holds the lock at `path`, if any. */
export function lockHolder(path: string): ProcessId | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined; // not held
  }
  const [, pid, start] = /^(\d+) (\d+)\n$/.exec(text) ?? [];
  if (pid === undefined || start === undefined) return undefined;
  const holder = { pid: Number(pid), start };
  return isAlive(holder) ? holder : undefined;
}

/** Takes a left-over lock away; one that another process took in the meantime is put back. */
function setAside(path: string): void {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // another process was quicker
  }
  if (lockHolder(aside) !== undefined) link(aside, path);
  rmSync(aside, { force: true });
}

/** Makes the lock appear with its content already in it; false when there is one. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
