/** The name of a kernel module. Contracts section 14.1; the kernel's own bound on its length. */
import * as z from "zod";

export const kmodKey: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,56}$/, "must be 1 to 56 of the characters A-Z, a-z, 0-9, _ and -");
