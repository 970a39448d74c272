/** What containers of workloads have unless they say otherwise. */
import * as z from "zod";
import { type Capability, CAPABILITY_NAMES, DEFAULT_CAPABILITY_NAMES } from "../types/capability.ts";
import { limit, resourceLimitName } from "../types/resource-limit.ts";
import type { Group, Setting } from "./definition.ts";
import type { OciDefaultsSettings } from "./settings.ts";

const standard: ReadonlySet<string> = new Set(DEFAULT_CAPABILITY_NAMES);

const capabilities = CAPABILITY_NAMES.map((name): [Capability, Setting<boolean>] => [
  name,
  {
    kind: "setting",
    description: `Whether a container has the capability ${name}`,
    since: "0.1.0",
    schema: z.boolean(),
    ...(standard.has(name) ? { default: true } : { example: false }),
  },
]);

export const ociDefaults: Group<OciDefaultsSettings> = {
  kind: "group",
  description: "What containers of workloads have unless they say otherwise",
  since: "0.1.0",
  services: ["containerd"],
  members: {
    capabilities: {
      kind: "group",
      description: "Capabilities of a container's processes",
      since: "0.1.0",
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from the list of all names just above
      members: Object.fromEntries(capabilities) as Record<Capability, Setting<boolean>>,
    },
    "resource-limits": {
      kind: "collection",
      description: "Limits of a container's processes, by name",
      since: "0.1.0",
      memberName: resourceLimitName,
      defaults: { "max-open-files": { "hard-limit": 1_048_576, "soft-limit": 65_536 } },
      member: {
        kind: "group",
        description: "One limit",
        since: "0.1.0",
        members: {
          "hard-limit": {
            kind: "setting",
            description: "What a process may raise it to; -1 or unlimited for no limit",
            since: "0.1.0",
            schema: limit,
            example: 4096,
          },
          "soft-limit": {
            kind: "setting",
            description: "What a process begins with; -1 or unlimited for no limit",
            since: "0.1.0",
            schema: limit,
            example: 1024,
          },
        },
      },
    },
  },
};
