/**
 * The clock that confirmation times are measured by: it goes on while the machine sleeps, nobody can set it, and it
 * begins anew with each boot, which has an identity of its own. proc(5): `uptime`, `sys/kernel/random/boot_id`.
 */
import { readFileSync } from "node:fs";

export type BootClock = {
  readonly bootId: string;
  /** Milliseconds since this boot. */
  readonly nowMs: () => number;
};

export function systemBootClock(): BootClock {
  return {
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    nowMs: () => Math.round(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000),
  };
}
