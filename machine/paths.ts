/**
 * Where a machine keeps its files: one folder per machine, and this is the one place that knows the names in it.
 * QEMU runs with that folder as its working folder, so its arguments are these short names.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { Fault, fail, ok, orThrow, type Result } from "../base/result.ts";

/** Names inside a machine's folder. */
export const files = {
  disk: "disk.raw",
  firmwareVars: "firmware-vars.fd",
  userData: "user-data",
  /** What the machine is: kept as long as the disk. */
  record: "machine.json",
  /** How it was last started. */
  launch: "launch.json",
  /** Exists while it runs. */
  running: "running.json",
  /** How it last ended. */
  ended: "ended.json",
  console: "console.log",
  previousConsole: "console.previous.log",
  monitorLog: "monitor.log",
  qmp: "qmp.sock",
  channel: "channel.sock",
  api: "api.sock",
  /** Where the images built here can be read. */
  registry: "images.sock",
  /** The machine's own key for the admin container, and what that container has shown of itself. */
  sshKey: "ssh-key",
  knownHosts: "ssh-known-hosts",
  /** Held by a command that changes the machine. */
  changeLock: "change.lock",
  /** Held by the monitor as long as it lives. */
  monitorLock: "monitor.lock",
} as const;

/** The disk file of the ephemeral disk with this number, from 0 on. */
export function ephemeralFile(at: number): string {
  return `ephemeral-${at}.raw`;
}

export type MachineFile = (typeof files)[keyof typeof files];

const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name itself when it can be that of a folder and of a host. */
export function checkName(name: string): Result<string, "bad-name"> {
  if (namePattern.test(name)) return ok(name);
  const wanted = "wanted are small letters, digits and dashes, 63 at most";
  return fail(new Fault("bad-name", `Cannot use "${name}" as the name of a machine: ${wanted}`));
}

/** The folder of the machine `name` under `base`. Throws when `checkName` refuses the name. */
export function machineFolder(base: string, name: string): string {
  return join(base, orThrow(checkName(name)));
}

/** Bytes of a socket's path that the kernel takes, without the closing zero (unix(7)). */
const MAX_SOCKET_PATH = 107;

/**
 * The path by which this process reaches a socket in `folder`. A path too long for the kernel is shortened through an
 * open descriptor of the folder, which stays open until `close` is called.
 */
export function openSocketPath(
  folder: string,
  name: MachineFile,
): { readonly path: string; readonly close: () => void } {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return { path, close() {} };
  const descriptor = openSync(folder, "r");
  return { path: `/proc/self/fd/${descriptor}/${name}`, close: () => closeSync(descriptor) };
}
