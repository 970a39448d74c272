/** Containers that belong to the machine itself. */
import * as z from "zod";
import { containerSource } from "../types/container-source.ts";
import { identifier } from "../types/identifier.ts";
import { validBase64 } from "../types/valid-base64.ts";
import type { Collection } from "./definition.ts";
import type { HostContainerSettings } from "./settings.ts";

export const hostContainers: Collection<HostContainerSettings> = {
  kind: "collection",
  description: "Containers that belong to the machine itself, by names of your choice: how its operator gets in",
  since: "0.1.0",
  services: ["host-containers"],
  memberName: identifier,
  defaults: {
    admin: { source: "images.internal/admin:latest", enabled: false, superpowered: true },
    control: { source: "host.internal/control:latest", enabled: true, superpowered: false },
  },
  member: {
    kind: "group",
    description: "One host container",
    since: "0.1.0",
    members: {
      source: {
        kind: "setting",
        description: "Name of its image; host.internal is this system itself, which needs no registry",
        since: "0.1.0",
        schema: containerSource,
        example: "registry.example/web:1.2",
      },
      enabled: {
        kind: "setting",
        description: "Whether it runs",
        since: "0.1.0",
        schema: z.boolean(),
        example: true,
      },
      superpowered: {
        kind: "setting",
        description: "Whether it may do everything to the machine",
        since: "0.1.0",
        schema: z.boolean(),
        example: false,
      },
      "user-data": {
        kind: "setting",
        description: "What it finds as user-data in its own folder, in base64",
        since: "0.1.0",
        secret: true,
        schema: validBase64,
        example: "e30=",
      },
    },
  },
};
