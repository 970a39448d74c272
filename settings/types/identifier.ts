/** A name that a user chooses for a thing, such as a container. Contracts section 14.1. */
import * as z from "zod";

export const identifier: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,76}$/, "must be 1 to 76 of the characters A-Z, a-z, 0-9 and -");
