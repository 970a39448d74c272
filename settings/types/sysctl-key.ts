/**
 * The name of a kernel parameter, with dots or slashes between its words. Contracts section 14.1. Two things more are
 * refused, since no parameter is named so: a leading `-`, which sysctl.d(5) reads as "ignore failures", and two
 * separators in a row, which could be read as a step out of /proc/sys.
 */
import * as z from "zod";

export const sysctlKey: z.ZodType<string, string> = z
  .string()
  .regex(/^[a-zA-Z0-9./_-]{1,128}$/, "must be 1 to 128 of the characters a-z, A-Z, 0-9, ., /, _ and -")
  .refine((key) => !/[./]{2}/.test(key), "must not have two of . and / in a row")
  .refine((key) => !/^[./-]/.test(key), "must not start with ., / or -");
