/** A command of bootstrap-commands: `apiclient` and its words. Nothing else may be run. Contracts section 10.6. */
import * as z from "zod";
import { text } from "./text.ts";

const MAX_WORDS = 256;
const MAX_LENGTH = 128 * 1024;

const word: z.ZodType<string, string> = z
  .string()
  .pipe(z.string().max(MAX_LENGTH, `must have ${MAX_LENGTH} characters at most`))
  .pipe(text)
  .refine((given) => !given.includes("\0"), "must not hold a NUL character");

export const apiCommand: z.ZodType<readonly string[]> = z
  .array(z.unknown())
  .max(MAX_WORDS, `must be a list of ${MAX_WORDS} at most`)
  .pipe(z.array(word))
  .refine(([program]) => program === "apiclient", "must start with apiclient: nothing else may be run")
  .meta({ maxItems: MAX_WORDS });
