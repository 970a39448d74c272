/** An IPv4 address in four decimal numbers, or an IPv6 address without a zone. Contracts section 14.1. */
import * as z from "zod";

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

export const ipAddress: z.ZodType<string, string> = z
  .string()
  .refine((text) => ipv4.test(text) || isIpv6(text), "must be an IPv4 or IPv6 address");

function isIpv6(text: string): boolean {
  return /^[0-9a-fA-F:.]{2,45}$/.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);
}
