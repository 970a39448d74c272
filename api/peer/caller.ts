/**
 * Who is at the other end of a connection, as far as the kernel proves it: process and user at the moment of connecting
 * (SO_PEERCRED, by the add-on `peer.c`), and from the process its name and container. Where the add-on is missing, as on
 * a developer's machine, nobody is known; nothing is ever guessed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../base/log.ts";
import { reason } from "../../base/result.ts";

export type Caller = {
  readonly uid: number;
  readonly pid: number;
  /** The name of the process, and the container it runs in; not given when it is gone. */
  readonly process?: string;
  readonly container?: string;
};

/** Undefined for a descriptor that is no Unix socket. */
export type FindCaller = (fd: number) => Caller | undefined;

/** Where the image has the add-on. */
export const PEER_ADDON = "/usr/lib/sparkler/peer.node";

type Credentials = { readonly pid: number; readonly uid: number };

/** Loads the add-on; without it every caller is unknown, which is said once. */
export function loadFindCaller(log: Log, path: string = PEER_ADDON): FindCaller {
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (cause) {
    log.info("Callers are not known: the add-on that asks the kernel is not here", { path, why: reason(cause) });
    return () => undefined;
  }
  const { exports } = module;
  if (typeof exports !== "object" || exports === null || !("peer" in exports)) return () => undefined;
  const { peer } = exports;
  if (typeof peer !== "function") return () => undefined;
  return (fd) => {
    const found: unknown = Reflect.apply(peer, undefined, [fd]);
    return isCredentials(found) ? describeCaller(found, "/proc") : undefined;
  };
}

/** Adds what is known of the process, if it is still that user's: a number may have gone to another one meanwhile. */
export function describeCaller({ pid, uid }: Credentials, proc: string): Caller {
  const folder = join(proc, String(pid));
  try {
    const status = readFileSync(join(folder, "status"), "utf8");
    if (field(status, "Uid")?.split(/\s+/)[0] !== String(uid)) return { uid, pid };
    const name = readFileSync(join(folder, "comm"), "utf8").trimEnd();
    const container = containerOf(readFileSync(join(folder, "cgroup"), "utf8"));
    return { uid, pid, process: name, ...(container === undefined ? {} : { container }) };
  } catch {
    return { uid, pid }; // it is gone, or not for us to see
  }
}

/**
 * The container that a line of /proc/PID/cgroup (cgroups(7), version 2) names by its scope: `…/RUNTIME-NAME.scope`;
 * the outermost, as a container may make groups of any name below its own.
 */
export function containerOf(cgroup: string): string | undefined {
  const scope = /^0::.*?\/(?:container|cri-containerd|docker|libpod)-([A-Za-z0-9_.-]+)\.scope(?:\/|$)/m;
  return scope.exec(cgroup)?.[1];
}

function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== "object" || value === null || !("pid" in value) || !("uid" in value)) return false;
  return typeof value.pid === "number" && typeof value.uid === "number";
}
