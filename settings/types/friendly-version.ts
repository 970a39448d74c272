/** `latest`, or a version by semver 2.0 with or without a `v` in front. Contracts section 14.1. */
import * as z from "zod";

const number = "(?:0|[1-9]\\d*)";
const preRelease = `(?:${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const build = "[0-9A-Za-z-]+";
const version = `v?${number}\\.${number}\\.${number}(?:-${preRelease}(?:\\.${preRelease})*)?(?:\\+${build}(?:\\.${build})*)?`;

export const friendlyVersion: z.ZodType<string, string> = z
  .string()
  .pipe(z.string().max(128, "must have 128 characters at most"))
  .refine((text) => pattern.test(text), "must be latest, or a version such as 1.2.3 or v1.2.3")
  .meta({ pattern: `^(?:latest|${version})$` });

const pattern = new RegExp(`^(?:latest|${version})$`);
