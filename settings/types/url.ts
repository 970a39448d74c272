/**
 * An address that parses as a URL as it stands, or with `http://` in front, so that host names and image references
 * pass. It is stored as given. Contracts section 14.1.
 */
import * as z from "zod";

export const url: z.ZodType<string, string> = z.string().refine(isUrl, "must be a URL, or one without its scheme");

function isUrl(text: string): boolean {
  return URL.canParse(text) || URL.canParse(`http://${text}`);
}
