/** A host name as Linux and DNS both take it. Contracts section 14.1. */
import * as z from "zod";

export const validLinuxHostname: z.ZodType<string, string> = z
  .string()
  .regex(/^[0-9a-z.-]{1,253}$/, "must be 1 to 253 of the characters a-z, 0-9, - and .")
  .refine((name) => !/^[-.]/.test(name), "must not start with - or .")
  .refine(
    (name) => name.split(".").every((label) => /^[^-].{0,62}$/.test(label)),
    "must have labels of 1 to 63 characters that do not start with -",
  );
