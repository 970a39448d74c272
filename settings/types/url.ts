/**
 * An address that parses as a URL as it stands, or with `http://` in front, so that host names and image references
 * pass. It is stored as given. Contracts section 14.1. The parser drops line breaks and tabs without a word; here they
 * are refused, with every other control character.
 */
import * as z from "zod";

/** The usual bound of clients and servers. */
const MAX_LENGTH = 2048;

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

export const url: z.ZodType<string, string> = z
  .string()
  .pipe(z.string().max(MAX_LENGTH, `must have ${MAX_LENGTH} characters at most`))
  .refine((text) => isUrl(text), {
    message: "must be a URL, or one without its scheme",
    abort: true,
  });

function isUrl(text: string): boolean {
  return !control.test(text) && text.isWellFormed() && (URL.canParse(text) || URL.canParse(`http://${text}`));
}
