/** The whole model of this image's settings: the one definition that everything else is read from. */
import { bootstrapCommands, bootstrapContainers } from "./bootstrap.ts";
import type { AnyDefinition, Group } from "./definition.ts";
import { containerRegistry } from "./container-registry.ts";
import { dns } from "./dns.ts";
import { hostContainers } from "./host-containers.ts";
import { kernel } from "./kernel.ts";
import { motd } from "./motd.ts";
import { network } from "./network.ts";
import { ntp } from "./ntp.ts";
import { ociDefaults } from "./oci-defaults.ts";
import { pki } from "./pki.ts";
import type { Settings } from "./settings.ts";
import { updates } from "./updates.ts";

export const model: Group<Settings> = {
  kind: "group",
  description: "All settings",
  since: "0.1.0",
  members: {
    motd,
    network,
    dns,
    ntp,
    kernel,
    pki,
    updates,
    "bootstrap-containers": bootstrapContainers,
    "bootstrap-commands": bootstrapCommands,
    "host-containers": hostContainers,
    "container-registry": containerRegistry,
    "oci-defaults": ociDefaults,
  },
};

/** The same model for code that walks it by names. */
export const anyModel: AnyDefinition = model;
