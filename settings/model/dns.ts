/** Settings of name resolution. */
import { ipAddress } from "../types/ip-address.ts";
import { listOf } from "../types/list-of.ts";
import { validLinuxHostname } from "../types/valid-linux-hostname.ts";
import type { Group } from "./definition.ts";
import type { DnsSettings } from "./settings.ts";

export const dns: Group<DnsSettings> = {
  kind: "group",
  description: "Name resolution; what is set here is used in place of what DHCP says, each setting by itself",
  since: "0.1.0",
  services: ["dns"],
  members: {
    "name-servers": {
      kind: "setting",
      description: "Addresses of the DNS servers to ask, the first one first",
      since: "0.1.0",
      schema: listOf(ipAddress, 16),
      example: ["10.0.0.2", "10.0.0.3"],
    },
    "search-list": {
      kind: "setting",
      description: "Domains in which names without a dot are looked up",
      since: "0.1.0",
      schema: listOf(validLinuxHostname, 16),
      example: ["corp.example"],
    },
  },
};
