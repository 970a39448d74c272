/** What the kernel keeps even root from doing to it; see kernel_lockdown(7). Contracts section 14.1. */
import * as z from "zod";

/** From the lowest to the highest; the kernel goes up only. */
export const LOCKDOWN_LEVELS = ["none", "integrity", "confidentiality"] as const;

export type Lockdown = (typeof LOCKDOWN_LEVELS)[number];

export const lockdown: z.ZodType<Lockdown, Lockdown> = z.enum(LOCKDOWN_LEVELS, {
  error: "must be none, integrity or confidentiality",
});
