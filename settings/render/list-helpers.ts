/** The doors for lists and collections, which make whole lines or several words of one. See `helpers.ts`. */
import * as z from "zod";
import { isTree } from "../tree.ts";
import { etcHostsEntries, joinedHosts } from "../types/etc-hosts-entries.ts";
import { identifier } from "../types/identifier.ts";
import { ipAddress } from "../types/ip-address.ts";
import { kmodKey } from "../types/kmod-key.ts";
import { noProxyEntry } from "../types/no-proxy-entry.ts";
import { validBase64 } from "../types/valid-base64.ts";
import { validLinuxHostname } from "../types/valid-linux-hostname.ts";
import { list, refuse } from "./refusal.ts";

/** What is reached without a proxy whatever is set: the machine itself. */
const SELF = ["localhost", "127.0.0.1", "::1"];

/** Given as the program of a module that must not be loaded: it is not there, so that loading fails. */
const NOTHING = "/usr/bin/false";

export const listHelpers: Readonly<Record<string, (value: unknown) => string>> = {
  /** Lines of hosts(5): an address and its names. An address without names has no line. */
  "hosts-lines"(value) {
    const entries = etcHostsEntries.safeParse(value);
    if (!entries.success) return refuse(value, "a list of addresses and their names");
    return [...joinedHosts(entries.data)]
      .flatMap(([address, names]) => (names.length === 0 ? [] : [`${address} ${names.join(" ")}`]))
      .join("\n");
  },
  addresses: (value) => words(value, ipAddress, "a list of addresses").join(" "),
  hostnames: (value) => words(value, validLinuxHostname, "a list of host names").join(" "),
  /** One value of an environment file: without blanks, quotes, or anything else that would end it. */
  "no-proxy": (value) =>
    [...new Set([...words(value, noProxyEntry, "a list of hosts, domains and networks"), ...SELF])].join(","),
  /** Lines of modprobe.d(5) for modules that are not allowed, whoever asks for them and by whatever name. */
  "blocked-modules": (value) =>
    modules(value)
      .filter(({ allowed }) => allowed === false)
      .map(({ name }) => `blacklist ${name}\ninstall ${name} ${NOTHING}`)
      .join("\n"),
  /** Lines of modules-load.d(5). */
  "loaded-modules": (value) =>
    modules(value)
      .filter(({ autoload, allowed }) => autoload === true && allowed !== false)
      .map(({ name }) => name)
      .join("\n"),
  /** JSON of name → base64 of PEM and whether it is trusted; bundles without data have nothing to say. */
  certificates(value) {
    const bundles = Object.entries(collection(value)).flatMap(([name, bundle]) => {
      const read = bundleSchema.safeParse(bundle);
      if (!identifier.safeParse(name).success || !read.success) return refuse(name, "a bundle of certificates");
      const { data, trusted } = read.data;
      return data === null || data === "" ? [] : [[name, { data, trusted: trusted === true }] as const];
    });
    return JSON.stringify(Object.fromEntries(bundles), undefined, 2);
  },
};

const bundleSchema = z.object({ data: validBase64.nullable(), trusted: z.boolean().nullable() });
const moduleSchema = z.object({ allowed: z.boolean().nullable(), autoload: z.boolean().nullable() });

type Module = z.infer<typeof moduleSchema> & { readonly name: string };

function modules(value: unknown): readonly Module[] {
  return Object.entries(collection(value)).map(([name, module]) => {
    const read = moduleSchema.safeParse(module);
    if (!kmodKey.safeParse(name).success || !read.success) return refuse(name, "a kernel module");
    return { ...read.data, name };
  });
}

function collection(value: unknown): Readonly<Record<string, unknown>> {
  return isTree(value) ? value : refuse(value, "a collection");
}

function words(value: unknown, each: z.ZodType<string>, wanted: string): readonly string[] {
  return list(value, wanted).map((member) => {
    const read = each.safeParse(member);
    return read.success ? read.data : refuse(member, wanted);
  });
}
