/** Settings of the updater. */
import * as z from "zod";
import { friendlyVersion } from "../types/friendly-version.ts";
import { url } from "../types/url.ts";
import type { Group } from "./definition.ts";
import type { UpdatesSettings } from "./settings.ts";

const MAX_SEED = 0xffff_ffff;
const seedRule = `must be a whole number from 0 to ${MAX_SEED}`;

export const updates: Group<UpdatesSettings> = {
  kind: "group",
  description: "Updates of the system",
  since: "0.1.0",
  services: ["updog"],
  members: {
    "metadata-base-url": {
      kind: "setting",
      description: "Where the metadata of the update repository is",
      since: "0.1.0",
      schema: url,
      example: "https://updates.example/metadata/",
    },
    "targets-base-url": {
      kind: "setting",
      description: "Where the images of the update repository are",
      since: "0.1.0",
      schema: url,
      example: "https://updates.example/targets/",
    },
    seed: {
      kind: "setting",
      description: "Decides when in a staged rollout this machine updates; small numbers come first",
      since: "0.1.0",
      schema: z.int(seedRule).min(0, seedRule).max(MAX_SEED, seedRule),
      generator: "update-seed",
    },
    "version-lock": {
      kind: "setting",
      description: "The one version to update to, or latest",
      since: "0.1.0",
      schema: friendlyVersion,
      default: "latest",
    },
    "ignore-waves": {
      kind: "setting",
      description: "Whether to update at once, whatever the rollout's waves say",
      since: "0.1.0",
      schema: z.boolean(),
      default: false,
    },
  },
};
