/** What applying will do, decided from the model and the tables alone. */
import { affectedServices } from "../model/describe.ts";
import type { Settings } from "../model/settings.ts";
import { render } from "../render/render.ts";
import type { ConfigurationFile, ReadBack, Service } from "../services/definition.ts";
import { configurationFiles, services } from "../services/table.ts";

export type PlannedFile = {
  readonly name: string;
  readonly file: ConfigurationFile;
  readonly content: { readonly text: string } | { readonly problem: string };
};

export type PlannedService = {
  readonly name: string;
  readonly service: Service;
  /** What is to be run, in order: none where there is nothing for it to do. */
  readonly commands: Service["restartCommands"];
  /** Added to the environment of its commands. */
  readonly environment: Readonly<Record<string, string>>;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly readBacks: readonly ReadBack[];
};

export type ApplyPlan = { readonly files: readonly PlannedFile[]; readonly services: readonly PlannedService[] };

/** The kernel bounds what one variable may hold; without the list a program has to look at everything. */
const MAX_LIST = 64 * 1024;

/**
 * Services in the order of their table, each file once, everything rendered; nothing on disk is touched. Of those that
 * failed before, the ones that mend by themselves are looked at again, whatever the keys.
 */
export function planApply(
  settings: Settings,
  keys: readonly string[] | "all",
  failed: readonly string[] = [],
): ApplyPlan {
  const affected = keys === "all" ? undefined : Object.entries(affectedServices(keys));
  const planned = Object.entries(services).flatMap(([name, service]): PlannedService[] => {
    const changed = affected?.filter(([, names]) => names.includes(name)).map(([key]) => key);
    const again = service.mendsItself === true && failed.includes(name);
    if (changed?.length === 0 && !again) return [];
    const list = changed?.join(" ") ?? "";
    const environment: Record<string, string> = list === "" || list.length > MAX_LIST ? {} : { CHANGED_SETTINGS: list };
    const sysctls = service.sysctls?.(settings) ?? {};
    const idle = service.sysctls !== undefined && Object.keys(sysctls).length === 0;
    const asBooted = keys === "all" && service.bootsAsWanted?.(settings) === true;
    const commands = idle || asBooted ? [] : service.restartCommands;
    return [{ name, service, commands, environment, sysctls, readBacks: service.readBacks?.(settings) ?? [] }];
  });
  const names = new Set(planned.flatMap(({ service }) => service.configurationFiles));
  const files = Object.entries(configurationFiles).flatMap(([name, file]): PlannedFile[] => {
    if (!names.has(name)) return [];
    const rendered = render(file.template, settings);
    return [{ name, file, content: rendered.ok ? { text: rendered.value } : { problem: rendered.fault.message } }];
  });
  return { files, services: planned };
}
