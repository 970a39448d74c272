/** Mirrors of registries and what to show to them (contracts §§10.3, 14.6). */
import * as z from "zod";
import { listOf } from "./list-of.ts";
import { url } from "./url.ts";
import { validBase64 } from "./valid-base64.ts";

export type RegistryMirror = { readonly registry: string; readonly endpoint: readonly string[] };

export type RegistryCredential = {
  readonly registry: string;
  readonly username?: string;
  readonly password?: string;
  /** `username:password` in base64. */
  readonly auth?: string;
  readonly identitytoken?: string;
};

const MAX = 256;
const name =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?$/;
const host = z.string().regex(name, "must be the host of a registry, with its port where it has one");
const anyHost = z.string().refine((text) => text === "*" || name.test(text), 'must be the host of a registry, or "*"');
const word = z.string().regex(/^[\x20-\x7e]{1,4096}$/, "must be 1 to 4096 printable characters of ASCII");
const endpoint = url.refine(
  (text) => /^(?:https?:\/\/)?[^\s/?#"'`\\]+(?:\/[^\s?#"'`\\]*)?$/.test(text),
  "must be the address of a registry, such as https://mirror.example",
);

/** A list, or a map from registries to endpoints, which is kept as the list. */
export const registryMirrors: z.ZodType<readonly RegistryMirror[]> = z.preprocess(
  listed,
  listOf(z.strictObject({ registry: anyHost, endpoint: listOf(endpoint, 16) }), MAX),
);

function listed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries: [string, unknown][] = Object.entries(value);
  return entries.length === 0 ? value : entries.map(([registry, at]) => ({ registry, endpoint: at }));
}

export const registryCredentials: z.ZodType<readonly RegistryCredential[]> = listOf(
  z.strictObject({
    registry: host,
    username: z.exactOptional(word),
    password: z.exactOptional(word),
    auth: z.exactOptional(validBase64),
    identitytoken: z.exactOptional(word),
  }),
  MAX,
);
