/** Text of one line: none of the line separators of Unicode. Contracts section 14.1. */
import * as z from "zod";
import { text } from "./text.ts";

// oxlint-disable-next-line no-control-regex -- the separators LF, VT, FF, CR, NEL, LINE and PARAGRAPH SEPARATOR
const lineBreak = /[\n-\r\u0085\u2028\u2029]/;

export const singleLineString: z.ZodType<string, string> = z
  .string()
  .pipe(text)
  .refine((line) => !lineBreak.test(line), "must be one line, without any line break");
