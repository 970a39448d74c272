/** The message of the day. */
import * as z from "zod";
import type { Setting } from "./definition.ts";

export const motd: Setting<string> = {
  kind: "setting",
  description: "Text shown to whoever opens a session on the machine",
  since: "0.1.0",
  services: ["motd"],
  schema: z.string().max(64 * 1024),
  default: "Welcome to Sparkler!",
};
