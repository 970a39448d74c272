/** What settings of the kernel come to: what is looked at once they are applied, and what only a reboot can do. */
import type { KernelSettings, Settings } from "../model/settings.ts";
import { LOCKDOWN_LEVELS, type Lockdown } from "../types/lockdown.ts";
import type { ReadBack } from "./definition.ts";

/** The kernel's own file; it holds all levels, that of now in brackets. */
export const LOCKDOWN_FILE = "/sys/kernel/security/lockdown";

/** The level that the kernel says it is at, or undefined when it says nothing of that kind. */
export function lockdownIn(text: string): Lockdown | undefined {
  const word = /\[([a-z]+)\]/.exec(text)?.[1];
  return LOCKDOWN_LEVELS.find((level) => level === word);
}

export function isBelow(level: Lockdown, other: Lockdown): boolean {
  return LOCKDOWN_LEVELS.indexOf(level) < LOCKDOWN_LEVELS.indexOf(other);
}

export function readLockdownBack({ kernel }: Settings): readonly ReadBack[] {
  const wanted = kernel?.lockdown ?? "none";
  if (wanted === "none") return [];
  const judge = (found: string | undefined): string | undefined => {
    const level = found === undefined ? undefined : lockdownIn(found);
    if (level === undefined) return "the kernel does not say its level";
    return isBelow(level, wanted) ? `the kernel is at ${level}, wanted ${wanted}` : undefined;
  };
  return [{ what: "the kernel's lockdown", path: LOCKDOWN_FILE, judge }];
}

export function lockdownReboot(before: Settings, after: Settings): string | undefined {
  const [then, now] = [before.kernel?.lockdown ?? "none", after.kernel?.lockdown ?? "none"];
  if (!isBelow(now, then)) return undefined;
  return `the kernel's lockdown goes down from ${then} to ${now} only with a reboot`;
}

/** Modules that are to be loaded are there; one that is not allowed as well can only be told. */
export function readModulesBack({ kernel }: Settings): readonly ReadBack[] {
  return modulesOf(kernel).flatMap(([name, { allowed, autoload }]) => {
    if (autoload !== true) return [];
    const judge = (found: string | undefined): string | undefined => {
      if (allowed === false) return "it is to be loaded and is not allowed";
      return found === undefined ? "it is not loaded" : undefined;
    };
    return [{ what: `kernel module ${name}`, path: `/sys/module/${name.replaceAll("-", "_")}`, judge }];
  });
}

/** A module that is in use cannot be taken out safely, so none is. */
export function modulesReboot(before: Settings, after: Settings): string | undefined {
  const then = new Map(modulesOf(before.kernel));
  const blocked = modulesOf(after.kernel)
    .filter(([name, { allowed }]) => allowed === false && then.get(name)?.allowed !== false)
    .map(([name]) => name);
  const unloaded = [...then]
    .filter(([name, { autoload }]) => autoload === true && after.kernel?.modules?.[name]?.autoload !== true)
    .map(([name]) => name);
  const names = [...new Set([...blocked, ...unloaded])];
  return names.length === 0 ? undefined : `modules that are loaded stay so until a reboot: ${names.join(", ")}`;
}

export function hasModules({ kernel }: Settings): boolean {
  return modulesOf(kernel).length > 0;
}

function modulesOf(
  kernel: KernelSettings | undefined,
): readonly [string, { readonly allowed?: boolean; readonly autoload?: boolean }][] {
  return Object.entries(kernel?.modules ?? {});
}
