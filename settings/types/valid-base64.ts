/** Data in the standard alphabet of base64, with padding. The encoded text is what is stored. Contracts section 14.1. */
import * as z from "zod";

const encoded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const validBase64: z.ZodType<string, string> = z
  .string()
  .regex(encoded, "must be base64 with padding, on one line");
