/**
 * A time server: a modeled Url that names a host and at most a port. What else a URL can say has no place in chrony's
 * configuration and is refused here rather than dropped there.
 */
import * as z from "zod";
import { url } from "./url.ts";

export type TimeServer = { readonly host: string; readonly port?: number };

export const timeServer: z.ZodType<string, string> = z
  .string()
  .pipe(url)
  .refine((text) => parseTimeServer(text) !== undefined, "must be a host name or address, with a port at most");

/** Host and port of a time server, or undefined where the text says anything more or else. */
export function parseTimeServer(text: string): TimeServer | undefined {
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)) {
    return URL.canParse(`http://[${text}]/`) ? { host: text } : undefined;
  }
  const parsed = URL.parse(text.includes("://") ? text.replace(/^[a-z][a-z0-9+.-]*:/i, "http:") : `http://${text}`);
  if (parsed === null || /[\s\\]/.test(text)) return undefined;
  const rest = parsed.pathname + parsed.search + parsed.hash + parsed.username + parsed.password;
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  if (rest !== "/" || !/^[0-9A-Za-z._:-]+$/.test(host)) return undefined;
  return parsed.port === "" ? { host } : { host, port: Number(parsed.port) };
}
