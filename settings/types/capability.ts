/** Capabilities of processes, as settings name them (capabilities(7)): `net-raw` is CAP_NET_RAW. */

/** What a container has unless settings say otherwise (contracts §14.6). */
export const DEFAULT_CAPABILITY_NAMES = [
  "audit-write",
  "chown",
  "dac-override",
  "fowner",
  "fsetid",
  "kill",
  "mknod",
  "net-bind-service",
  "net-raw",
  "setfcap",
  "setgid",
  "setpcap",
  "setuid",
  "sys-chroot",
] as const;

const OTHERS = [
  "audit-control",
  "audit-read",
  "block-suspend",
  "bpf",
  "checkpoint-restore",
  "dac-read-search",
  "ipc-lock",
  "ipc-owner",
  "lease",
  "linux-immutable",
  "mac-admin",
  "mac-override",
  "net-admin",
  "net-broadcast",
  "perfmon",
  "sys-admin",
  "sys-boot",
  "sys-module",
  "sys-nice",
  "sys-pacct",
  "sys-ptrace",
  "sys-rawio",
  "sys-resource",
  "sys-time",
  "sys-tty-config",
  "syslog",
  "wake-alarm",
] as const;

export type Capability = (typeof DEFAULT_CAPABILITY_NAMES)[number] | (typeof OTHERS)[number];
export const CAPABILITY_NAMES: readonly Capability[] = [...DEFAULT_CAPABILITY_NAMES, ...OTHERS].toSorted();

/** As the runtime specification writes it. */
export function kernelName(name: Capability): string {
  return `CAP_${name.toUpperCase().replaceAll("-", "_")}`;
}
