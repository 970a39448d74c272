/** The whole model of this image's settings: the one definition that everything else is read from. */
import type { AnyDefinition, Group } from "./definition.ts";
import { kernel } from "./kernel.ts";
import { motd } from "./motd.ts";
import { network } from "./network.ts";
import { ntp } from "./ntp.ts";
import type { Settings } from "./settings.ts";

export const model: Group<Settings> = {
  kind: "group",
  description: "All settings",
  since: "0.1.0",
  members: { motd, network, ntp, kernel },
};

/** The same model for code that walks it by names. */
export const anyModel: AnyDefinition = model;
