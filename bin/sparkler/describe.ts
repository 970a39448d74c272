/** Machines in words for people. */
import { join } from "node:path";
import { formatBytes, formatDuration } from "../../base/progress.ts";
import { files } from "../../machine/paths.ts";
import type { MachineStatus } from "../../machine/status.ts";
import { sparkler } from "./machine-of.ts";

const accelerators = { kvm: "KVM", tcg: "emulated (no usable KVM)" } as const;

/** A machine as a heading and a few lines. */
export function describeMachine(status: MachineStatus, now: number = Date.now()): string {
  const size = `${formatBytes(status.diskBytes)}, of which ${formatBytes(status.diskUsedBytes)} are used here`;
  const rows = {
    image: status.image,
    memory: `${status.memoryMib} MiB`,
    disk: size,
    folder: status.folder,
    console: join(status.folder, files.console),
    api: status.apiSocket,
    ...(status.sshPort === null ? {} : { ssh: `127.0.0.1:${status.sshPort}` }),
    ...(status.published.length === 0 ? {} : { ports: status.published.map(describePort).join(", ") }),
  };
  const lines = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(9)}${value}\n`);
  return `${status.name}: ${describeState(status, now)}\n${lines.join("")}`;
}

function describePort([here, there]: MachineStatus["published"][number]): string {
  return `127.0.0.1:${here} to ${there}`;
}

function describeState(status: MachineStatus, now: number): string {
  const { state, since, accelerator } = status;
  if (state === "stopped" || since === null || accelerator === null) {
    return `stopped${status.ended === null ? "" : ` (${status.ended})`}`;
  }
  const what = state === "running" ? "running" : "running, but its API does not answer (yet)";
  return `${what}, for ${formatDuration(Math.max(0, now - Date.parse(since)))}, ${accelerators[accelerator]}`;
}

/** Settings, one a line. */
export function describeSettings(settings: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(0, ...settings.map(([name]) => name.length));
  return settings.map(([name, value]) => `  ${name.padEnd(width)} = ${JSON.stringify(value)}\n`).join("");
}

/** What can be done with a machine that is up. */
export function nextCommands(name: string): string {
  const commands = [
    "api -u /settings",
    `api -X PATCH -u /settings -d '{"motd":"hi"}'`,
    "api -X POST -u /tx/commit_and_apply",
    "api get settings.motd os",
    "shell",
    "ssh",
    "console",
    "status",
    "down",
  ];
  return commands.map((words) => `  ${sparkler(name, words)}\n`).join("");
}
