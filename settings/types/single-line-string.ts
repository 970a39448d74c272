/** Text of one line: none of the line separators of Unicode. Contracts section 14.1. */
import * as z from "zod";

// LF, CR, VT, FF, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR
const lineBreak = /[\n\r\u000b\u000c\u0085\u2028\u2029]/;

export const singleLineString: z.ZodType<string, string> = z
  .string()
  .refine((text) => !lineBreak.test(text), "must be one line, without any line break");
