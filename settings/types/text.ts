/** Any text that UTF-8 can say: JSON can name half of a surrogate pair, which no file could hold. */
import * as z from "zod";

export const text: z.ZodType<string, string> = z
  .string()
  .refine((value) => value.isWellFormed(), "must be text without lone surrogates");
