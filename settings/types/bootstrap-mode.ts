/** When something is run at boot. Contracts section 14.1. */
import * as z from "zod";

export const BOOTSTRAP_MODES = ["off", "once", "always"] as const;

/** `once`: at the next boot, after which it is `off`. */
export type BootstrapMode = (typeof BOOTSTRAP_MODES)[number];

export const bootstrapMode: z.ZodType<BootstrapMode, BootstrapMode> = z.enum(BOOTSTRAP_MODES, {
  error: "must be off, once or always",
});
