/** What is run at boot before the machine counts as configured. Contracts sections 10.5 and 10.6. */
import * as z from "zod";
import { apiCommand } from "../types/api-command.ts";
import { bootstrapMode } from "../types/bootstrap-mode.ts";
import { containerSource } from "../types/container-source.ts";
import { identifier } from "../types/identifier.ts";
import { listOf } from "../types/list-of.ts";
import { userData } from "../types/user-data.ts";
import type { Collection, Setting } from "./definition.ts";
import type { BootstrapCommandsSettings, BootstrapContainerSettings } from "./settings.ts";

const MAX_COMMANDS = 256;

const mode: Setting<NonNullable<BootstrapContainerSettings["mode"]>> = {
  kind: "setting",
  description:
    "When it is run: at no boot (off, also when nothing is set), at the next one (once), at every one (always)",
  since: "0.1.0",
  schema: bootstrapMode,
  example: "once",
};

const essential: Setting<boolean> = {
  kind: "setting",
  description: "Whether the boot stops when it fails; when nothing is set, the failure is only logged",
  since: "0.1.0",
  schema: z.boolean(),
  example: true,
};

export const bootstrapContainers: Collection<BootstrapContainerSettings> = {
  kind: "collection",
  description: "Containers that run to their end at boot, before host containers and workloads start",
  since: "0.1.0",
  services: ["bootstrap-containers"],
  memberName: identifier,
  member: {
    kind: "group",
    description: "One bootstrap container; a change counts from the next boot on",
    since: "0.1.0",
    members: {
      source: {
        kind: "setting",
        description: "The image; without one nothing is run",
        since: "0.1.0",
        schema: containerSource,
        example: "registry.example/prepare:1.2",
      },
      mode,
      "user-data": {
        kind: "setting",
        description: "Data for it in base64, found in /.bottlerocket/bootstrap-containers/current/user-data",
        since: "0.1.0",
        secret: true,
        schema: userData,
        example: "aGVsbG8=",
      },
      essential,
    },
  },
};

export const bootstrapCommands: Collection<BootstrapCommandsSettings> = {
  kind: "collection",
  description: "Calls of the API at boot, once all settings are in place, in the order of their names",
  since: "0.1.0",
  services: ["bootstrap-commands"],
  memberName: identifier,
  member: {
    kind: "group",
    description: "Commands that run one after the other, until one fails; a change counts from the next boot on",
    since: "0.1.0",
    members: {
      commands: {
        kind: "setting",
        description: "Each a list of words, the first of which is apiclient; there is no shell",
        since: "0.1.0",
        schema: listOf(apiCommand, MAX_COMMANDS),
        example: [["apiclient", "ephemeral-storage", "init"]],
      },
      mode,
      essential,
    },
  },
};
