/**
 * The registry configuration of host containers, `/etc/host-containers/host-ctr.toml` (contracts §10.3):
 * `[mirrors."HOST"] endpoints=[…]` and `[creds."HOST"] username, password, auth, identitytoken`.
 */
import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import * as z from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { RegistryConfig } from "./endpoints.ts";

const schema = z.strictObject({
  mirrors: z.record(z.string(), z.strictObject({ endpoints: z.array(z.string()) })).optional(),
  creds: z
    .record(
      z.string(),
      z.strictObject({
        username: z.string().optional(),
        password: z.string().optional(),
        auth: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .optional(),
});

/** Reads the file; one that is not there configures nothing. What is in it never appears in a message. */
export async function readRegistryConfig(path: string): Promise<Result<RegistryConfig, "bad-config">> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      return ok({ mirrors: [], credentials: [] });
    }
    return fail(Fault.from("bad-config", `Cannot read "${path}"`, cause));
  }
  return parseRegistryConfig(text, path);
}

export function parseRegistryConfig(text: string, path: string): Result<RegistryConfig, "bad-config"> {
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
  const { mirrors = {}, creds = {} } = read.data;
  return ok({
    mirrors: Object.entries(mirrors).map(([registry, { endpoints }]) => ({ registry, endpoint: endpoints })),
    credentials: Object.entries(creds).map(([registry, credential]) => ({ registry, ...credential })),
  });
}
