/**
 * The two files that settings make for what runs at boot: read, judged, sorted by name. What is wrong with an entry is
 * kept beside the others, so that one of them does not hide the rest.
 */
import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import * as z from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import { apiCommand } from "../../settings/types/api-command.ts";
import { type BootstrapMode, bootstrapMode } from "../../settings/types/bootstrap-mode.ts";
import { containerSource } from "../../settings/types/container-source.ts";
import { identifier } from "../../settings/types/identifier.ts";
import { validBase64 } from "../../settings/types/valid-base64.ts";

export const CONTAINERS_FILE = "/etc/bootstrap-containers/bootstrap-containers.toml";
export const COMMANDS_FILE = "/etc/bootstrap-commands/bootstrap-commands.toml";

export type BootstrapContainer = {
  readonly name: string;
  /** Undefined when nobody has set one: it cannot be run. */
  readonly source: string | undefined;
  readonly mode: BootstrapMode;
  readonly essential: boolean;
  /** Base64. */
  readonly userData: string | undefined;
};

export type BootstrapCommands = {
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
  readonly mode: BootstrapMode;
  readonly essential: boolean;
};

export type ConfigurationFault = "bad-configuration";

const containers = z.record(
  identifier,
  z.strictObject({
    source: containerSource.optional(),
    mode: bootstrapMode.default("off"),
    "user-data": validBase64.optional(),
    essential: z.boolean().default(false),
  }),
);

const commands = z.record(
  identifier,
  z.strictObject({
    commands: z.array(apiCommand).default([]),
    mode: bootstrapMode.default("off"),
    essential: z.boolean().default(false),
  }),
);

export function parseContainers(text: string): Result<readonly BootstrapContainer[], ConfigurationFault> {
  const read = parseWith(containers, text, CONTAINERS_FILE);
  if (!read.ok) return read;
  const list = Object.entries(read.value).map(([name, { source, mode, essential, "user-data": userData }]) => ({
    name,
    source,
    mode,
    essential,
    userData,
  }));
  return ok(list.toSorted(byName));
}

export function parseCommands(text: string): Result<readonly BootstrapCommands[], ConfigurationFault> {
  const read = parseWith(commands, text, COMMANDS_FILE);
  if (!read.ok) return read;
  return ok(
    Object.entries(read.value)
      .map(([name, entry]) => ({ ...entry, name }))
      .toSorted(byName),
  );
}

/** The text of a file, empty where there is none. Throws `Fault("not-read")`. */
export async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "";
    throw Fault.from("not-read", `Cannot read "${path}"`, cause);
  }
}

/** What is in the file never appears in a message: it may be secret. */
function parseWith<T>(schema: z.ZodType<T>, text: string, path: string): Result<T, ConfigurationFault> {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    return fail(new Fault("bad-configuration", `Cannot read "${path}": it is not TOML`));
  }
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  const issues = read.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);
  return fail(new Fault("bad-configuration", `Cannot read "${path}": ${issues.join("; ")}`));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
