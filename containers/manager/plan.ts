/** What to do so that the host containers that run are those that settings want. Pure. */
import type { Wanted } from "./wanted.ts";

/** A container that was started since boot, as it was started. */
export type Present = Pick<Wanted, "name" | "source" | "superpowered"> & {
  /** A digest of its user data, empty without any. */
  readonly userDataDigest: string;
};

export type HostContainersPlan = {
  /** Stopped, and taken away. */
  readonly stop: readonly string[];
  readonly start: readonly Wanted[];
  /** Names of those that are left alone. */
  readonly stay: readonly string[];
};

/** One whose source, powers or user data changed is stopped and started; one that stays the same is left alone. */
export function planHostContainers(
  wanted: readonly Wanted[],
  present: readonly Present[],
  digest: (userData: string | undefined) => string,
): HostContainersPlan {
  const enabled = wanted.filter(({ enabled: on }) => on);
  const same = (one: Present): boolean =>
    enabled.some(
      (each) =>
        each.name === one.name &&
        each.source === one.source &&
        each.superpowered === one.superpowered &&
        digest(each.userData) === one.userDataDigest,
    );
  const stay = new Set(present.filter(same).map(({ name }) => name));
  return {
    stop: present.map(({ name }) => name).filter((name) => !stay.has(name)),
    start: enabled.filter(({ name }) => !stay.has(name)),
    stay: [...stay],
  };
}
