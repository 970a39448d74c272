/** The reference of the settings as pages in Markdown, made from the model. Pure. */
import type { AnyDefinition } from "../model/definition.ts";
import { elsewhere } from "../model/elsewhere.ts";
import { allSettings } from "../model/describe.ts";
import { lookUp, SETTINGS } from "../model/look-up.ts";
import { model } from "../model/model.ts";
import { formatKey } from "../key.ts";
import { configurationFiles, services } from "../services/table.ts";
import { schemaOf } from "../schema/settings-schema.ts";
import { typeOf } from "./type-words.ts";

/** What stands in a key for a name that users choose. */
const NAME = "NAME";

const HEAD = `<!-- Made by "npm run fix" from settings/model; not edited by hand. -->

# Settings

What can be set on a machine, by its full name. Any of it can stand in user data, in the table \`[settings]\` of a TOML
document, and be changed while the machine runs, with \`apiclient set NAME=VALUE\`. \`sparkler settings check FILE\` checks a
document without a machine; \`sparkler settings schema\` prints a JSON Schema with which editors complete it.

A \`null\` and an empty table say nothing: they change nothing, wherever they stand. An empty list and an empty text are
values. What was set is taken back with \`apiclient unset NAME\`: the default or the generated value comes back.
`;

/** The text of the page. */
export function settingsPage(): string {
  const groups = Object.entries(model.members).map(([name, definition]) => groupOf(name, definition));
  return `${HEAD}\n${groups.join("\n")}\n${others()}`;
}

function groupOf(name: string, definition: AnyDefinition): string {
  const parts = [...settingsBelow([SETTINGS, name], definition)].map(([at, each]) => describe(at, each));
  const about = definition.kind === "setting" ? "" : `${definition.description}.\n\n`;
  return `## ${name}\n\n${about}${parts.join("\n")}`;
}

function* settingsBelow(
  at: readonly string[],
  definition: AnyDefinition,
): Generator<[readonly string[], AnyDefinition]> {
  if (definition.kind === "setting" || definition.kind === "map") yield [at, definition];
  else if (definition.kind === "collection") yield* settingsBelow([...at, NAME], definition.member);
  else for (const [name, member] of Object.entries(definition.members)) yield* settingsBelow([...at, name], member);
}

/** Members of a collection that are there by default, at this place in each: name → value. */
function defaultsAt(at: readonly string[]): ReadonlyMap<string, unknown> {
  const open = at.indexOf(NAME);
  const found = new Map<string, unknown>();
  if (open === -1) return found;
  for (const [key, { default: standard }] of allSettings()) {
    const same = key.length === at.length && at.every((segment, index) => index === open || segment === key[index]);
    if (same) found.set(key[open] ?? "", standard);
  }
  return found;
}

function describe(at: readonly string[], definition: AnyDefinition): string {
  const standard = defaultsAt(at);
  // Not every collection takes any name.
  const [sample = NAME] = standard.keys();
  const found = lookUp(at.map((segment) => (segment === NAME ? sample : segment)));
  const shown = definition.kind === "map" ? [...at, NAME] : at;
  const affected = found?.services ?? [];
  const files = affected.flatMap((name) => services[name]?.configurationFiles ?? []);
  const rows: readonly (readonly [string, string])[] = [
    ["type", typeOf(schemaOf(definition))],
    ["default", standard.size === 0 ? defaultOf(definition) : defaultsOf(standard)],
    ["example", definition.kind === "setting" ? value(definition.example) : ""],
    ["files", files.map((name) => `\`${configurationFiles[name]?.path ?? name}\``).join(", ")],
    ["services", affected.map((name) => `\`${name}\``).join(", ")],
    ["secret", found?.secret === true ? "yes: not shown in plans, histories and logs" : ""],
    ["variants", (found?.variants ?? []).map((pattern) => `\`${pattern}\``).join(", ")],
    ["since", definition.since],
  ];
  const lines = rows.flatMap(([name, text]) => (text === "" ? [] : [`- ${name}: ${text}`]));
  return `### \`${formatKey(shown)}\`\n\n${definition.description}.\n\n${lines.join("\n")}\n`;
}

function defaultsOf(standard: ReadonlyMap<string, unknown>): string {
  return [...standard].map(([name, of]) => `${value(of)} for \`${name}\``).join(", ");
}

function defaultOf(definition: AnyDefinition): string {
  if (definition.kind !== "setting") return "";
  if (definition.generator !== undefined) return `made by the generator \`${definition.generator}\``;
  return value(definition.default);
}

function value(of: unknown): string {
  return of === undefined ? "" : `\`${JSON.stringify(of)}\``;
}

function others(): string {
  const rows = Object.entries(elsewhere).map(
    ([name, variants]) => `- \`${SETTINGS}.${name}\`: ${variants.map((pattern) => `\`${pattern}\``).join(", ")}`,
  );
  return `## Of other variants\n\nRefused here, with a hint to the variants that have them.\n\n${rows.join("\n")}\n`;
}
