/** Data for a container, in base64, small enough to be kept with the settings. */
import * as z from "zod";
import { validBase64 } from "./valid-base64.ts";

/** Characters of base64: what user data of a whole machine may hold has room in it. */
const MAX_LENGTH = 512 * 1024;

export const userData: z.ZodType<string, string> = z
  .string()
  .pipe(z.string().max(MAX_LENGTH, `must have ${MAX_LENGTH} characters at most`))
  .pipe(validBase64);
