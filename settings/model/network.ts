/** Settings of the network. */
import { validLinuxHostname } from "../types/valid-linux-hostname.ts";
import type { Group } from "./definition.ts";
import type { NetworkSettings } from "./settings.ts";

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
  },
};
