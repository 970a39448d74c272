/** `/` and `/os`: everything that the API knows, whole or by the start of a name. */
import type { Engine } from "../../../settings/engine.ts";
import { type Handler, json } from "../answer.ts";
import { settingsPrefix, startingWith, withoutSection } from "../parameters.ts";
import { configurationFilesOf, servicesOf } from "./services.ts";

type Section = "settings" | "services" | "configuration-files" | "os";

/** Each section's part below a prefix, `""` being all of it. */
const sections: Readonly<Record<Section, (engine: Engine, prefix: string) => object>> = {
  settings: (engine, prefix) => engine.settings(settingsPrefix(prefix === "" ? "settings" : `settings.${prefix}`)),
  services: (engine, prefix) => startingWith(servicesOf(engine), prefix),
  "configuration-files": (engine, prefix) => startingWith(configurationFilesOf(engine), prefix),
  os: (engine, prefix) => startingWith(engine.os, prefix),
};

/** A prefix shorter than a section's name stands for the section; sections with nothing below the prefix are left out. */
export const getModel: Handler = ({ query }, { engine }) => {
  const prefix = query.get("prefix");
  const found = Object.entries(sections).flatMap(([name, select]) => {
    if (prefix === undefined) return [[name, select(engine, "")] as const];
    if (name.startsWith(prefix)) return [[name, select(engine, "")] as const];
    if (!prefix.startsWith(`${name}.`)) return [];
    const section = select(engine, withoutSection(prefix, name));
    return Object.keys(section).length === 0 ? [] : [[name, section] as const];
  });
  return json(Object.fromEntries(found));
};

export const getOs: Handler = ({ query }, { engine }) =>
  json(sections.os(engine, withoutSection(query.get("prefix") ?? "", "os")));
