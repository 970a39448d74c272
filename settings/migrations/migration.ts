/**
 * Migrations: how values of one OS version become those of another. Each is a pair of pure functions over plain maps
 * of full name and value; the list is empty as long as there is one version. Design section 3.
 */
import type { SettingValue } from "../tree.ts";

export type Values = ReadonlyMap<string, SettingValue>;

export type Migration = {
  /** The version that needs it: it is run on the way from any earlier version to this or a later one. */
  readonly version: string;
  readonly description: string;
  /** Names of the model, as they were, that it is about: those that were changed or taken out. */
  readonly about: readonly string[];
  readonly forward: (values: Values) => Values;
  /** Undoes `forward` as far as the older version can say it. */
  readonly backward: (values: Values) => Values;
};

/** All migrations, in the order of their versions. */
export const migrations: readonly Migration[] = [];

/** The functions that lead from one version to another, in the order to be called. */
export function planMigration(
  from: string,
  to: string,
  known: readonly Migration[] = migrations,
): readonly Migration["forward"][] {
  const ordered = [...known].sort((a, b) => Bun.semver.order(a.version, b.version));
  const between = (low: string, high: string): Migration[] =>
    ordered.filter(({ version }) => Bun.semver.order(low, version) < 0 && Bun.semver.order(version, high) <= 0);
  if (Bun.semver.order(from, to) <= 0) return between(from, to).map(({ forward }) => forward);
  return between(to, from)
    .reverse()
    .map(({ backward }) => backward);
}

/** Which other version's store to start from: the newest older one, else the oldest newer one. */
export function chooseOrigin(versions: readonly string[], own: string): string | undefined {
  const ordered = [...versions].sort((a, b) => Bun.semver.order(a, b));
  const older = ordered.filter((version) => Bun.semver.order(version, own) < 0);
  return older.at(-1) ?? ordered.find((version) => Bun.semver.order(version, own) > 0);
}
