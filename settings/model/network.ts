/** Settings of the network. */
import type * as z from "zod";
import { etcHostsEntries } from "../types/etc-hosts-entries.ts";
import { listOf } from "../types/list-of.ts";
import { noProxyEntry } from "../types/no-proxy-entry.ts";
import { url } from "../types/url.ts";
import { validLinuxHostname } from "../types/valid-linux-hostname.ts";
import type { Group } from "./definition.ts";
import type { NetworkSettings } from "./settings.ts";

const proxy: z.ZodType<string, string> = url.refine(
  (text) => /^(?:https?:\/\/)?[^\s/"'`\\]+\/?$/i.test(text),
  "must be the address of a proxy, such as http://proxy.example:3128",
);

export const network: Group<NetworkSettings> = {
  kind: "group",
  description: "Network",
  since: "0.1.0",
  members: {
    hostname: {
      kind: "setting",
      description: "Name of this machine",
      since: "0.1.0",
      services: ["hostname"],
      schema: validLinuxHostname,
      generator: "hostname",
    },
    hosts: {
      kind: "setting",
      description: "Names of addresses, for /etc/hosts; each entry is an address and the list of its names",
      since: "0.1.0",
      services: ["hosts"],
      schema: etcHostsEntries,
      example: [["10.0.0.10", ["registry.example", "registry"]]],
    },
    "https-proxy": {
      kind: "setting",
      description: "Proxy through which services reach HTTPS servers; may hold a user name and a password",
      since: "0.1.0",
      services: ["proxy", "containerd", "updog"],
      secret: true,
      schema: proxy,
      example: "http://proxy.example:3128",
    },
    "no-proxy": {
      kind: "setting",
      description: "Hosts, domains and networks that are reached without the proxy; the machine itself always is",
      since: "0.1.0",
      services: ["proxy", "containerd", "updog"],
      schema: listOf(noProxyEntry, 256),
      example: [".example.org", "10.0.0.0/8"],
    },
  },
};
