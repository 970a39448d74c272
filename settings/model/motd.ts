/** The message of the day. */
import * as z from "zod";
import { text } from "../types/text.ts";
import type { Setting } from "./definition.ts";

const MAX_LENGTH = 64 * 1024;

export const motd: Setting<string> = {
  kind: "setting",
  description: "Text shown to whoever opens a session on the machine",
  since: "0.1.0",
  services: ["motd"],
  schema: text.pipe(z.string().max(MAX_LENGTH, `must have ${MAX_LENGTH} characters at most`)),
  default: "Welcome to Sparkler!",
};
