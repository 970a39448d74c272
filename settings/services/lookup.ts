/** The tables of services and files, whole or by names; every unknown name is told. */
import { refuse, type SettingsResult } from "../fault.ts";
import { shownPath } from "../model/problem.ts";
import type { Engine } from "../operations.ts";
import { configurationFiles, services } from "./table.ts";

export const tables: Pick<Engine, "services" | "configurationFiles"> = {
  services: (names) => pick("service", services, names),
  configurationFiles: (names) => pick("configuration file", configurationFiles, names),
};

function pick<T>(
  what: string,
  table: Readonly<Record<string, T>>,
  names?: readonly string[],
): SettingsResult<Readonly<Record<string, T>>, "unknown-name"> {
  if (names === undefined) return { ok: true, value: table };
  const unknown = names.filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0) {
    const problems = unknown.map((name) => ({ path: shownPath([name]), message: `is not the name of a ${what}` }));
    return refuse("unknown-name", `Cannot find every ${what}`, problems);
  }
  return { ok: true, value: Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name))) };
}
