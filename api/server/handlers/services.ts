/** `/services` and `/configuration-files`, in the form that clients know: commands as text, modes in octal. */
import { orThrow } from "../../../base/result.ts";
import type { Engine } from "../../../settings/engine.ts";
import { type Handler, json } from "../answer.ts";
import { listParameter, startingWith, withoutSection } from "../parameters.ts";

/** Where the templates would stand on disk; in the image they are compiled into the executable. */
const TEMPLATES = "/usr/share/templates";

type WireService = {
  readonly "configuration-files": readonly string[];
  readonly "restart-commands": readonly string[];
};
type WireFile = { readonly path: string; readonly "template-path": string; readonly mode: string };

export function servicesOf(engine: Engine, names?: readonly string[]): Readonly<Record<string, WireService>> {
  return mapValues(orThrow(engine.services(names)), (service) => ({
    "configuration-files": service.configurationFiles,
    "restart-commands": service.restartCommands.map((argv) => argv.join(" ")),
  }));
}

export function configurationFilesOf(engine: Engine, names?: readonly string[]): Readonly<Record<string, WireFile>> {
  return mapValues(orThrow(engine.configurationFiles(names)), ({ path, template, mode }) => ({
    path,
    "template-path": `${TEMPLATES}/${template}`,
    mode: mode.toString(8).padStart(4, "0"),
  }));
}

export const getServices: Handler = ({ query }, { engine }) => {
  const names = listParameter(query, "names");
  if (names !== undefined) return json(servicesOf(engine, names));
  return json(startingWith(servicesOf(engine), withoutSection(query.get("prefix") ?? "", "services")));
};

export const getConfigurationFiles: Handler = ({ query }, { engine }) => {
  const names = listParameter(query, "names");
  if (names !== undefined) return json(configurationFilesOf(engine, names));
  const prefix = withoutSection(query.get("prefix") ?? "", "configuration-files");
  return json(startingWith(configurationFilesOf(engine), prefix));
};

function mapValues<From, To>(
  members: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}
