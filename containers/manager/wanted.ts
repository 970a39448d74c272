/** The host containers that settings want, as `/etc/host-containers/host-containers.toml` says it (contracts §10.1). */
import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import * as z from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export const HOST_CONTAINERS_FILE = "/etc/host-containers/host-containers.toml";

export type Wanted = {
  readonly name: string;
  readonly source: string;
  readonly enabled: boolean;
  readonly superpowered: boolean;
  /** In base64. */
  readonly userData: string | undefined;
};

const container = z.strictObject({
  source: z.string().optional(),
  enabled: z.boolean().optional(),
  superpowered: z.boolean().optional(),
  "user-data": z.string().optional(),
});
const schema = z.strictObject({
  "host-containers": z.record(z.string().regex(/^[A-Za-z0-9-]{1,76}$/), container).optional(),
});

export type Read = {
  readonly wanted: readonly Wanted[];
  /** Containers that cannot be run, each with why; the others go on. */
  readonly problems: readonly string[];
};

export async function readWanted(path: string): Promise<Result<Read, "bad-config">> {
  try {
    return parseWanted(await readFile(path, "utf8"), path);
  } catch (cause) {
    return fail(Fault.from("bad-config", `Cannot read "${path}"`, cause));
  }
}

export function parseWanted(text: string, path: string): Result<Read, "bad-config"> {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    return fail(new Fault("bad-config", `Cannot read "${path}": it is not TOML`));
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const issues = read.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);
    return fail(new Fault("bad-config", `Cannot read "${path}": ${issues.join("; ")}`));
  }
  const all = Object.entries(read.data["host-containers"] ?? {});
  const wanted = all.flatMap(([name, { source, enabled = false, superpowered = false, ...rest }]): Wanted[] =>
    source === undefined ? [] : [{ name, source, enabled, superpowered, userData: rest["user-data"] }],
  );
  // One that is off may be half described.
  const problems = all
    .filter(([, each]) => each.source === undefined && each.enabled === true)
    .map(([name]) => `Host container "${name}" is enabled and has no source`);
  return ok({ wanted, problems });
}
