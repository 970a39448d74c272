/** A domain name, not an address; without a leading dot. Contracts section 14.1. */
import * as z from "zod";
import { ipAddress } from "./ip-address.ts";

export const dnsDomain: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?$/, "must be a domain name such as example.org")
  .refine((name) => name.length <= 254, "must have 253 characters at most")
  .refine((name) => !ipAddress.safeParse(name).success, "must be a name, not an address");
