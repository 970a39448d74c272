/** What is reached without a proxy: a host, a domain with a dot or a star in front, an address, a network, a port. */
import * as z from "zod";

export const noProxyEntry: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9._*:/[\]-]{1,253}$/, "must be a host name, a domain, an address or a network");
