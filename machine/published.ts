/** Ports of this machine's loopback that lead to ports of a guest, as `HOST:GUEST`. */
import { Fault, fail, ok, type Result } from "../base/result.ts";

/** Port here, port there. */
export type Published = readonly [host: number, guest: number];

const MOST = 65_535;

export function parsePublished(text: string): Result<Published, "bad-port"> {
  const [, host = "", guest = ""] = /^(\d{1,5}):(\d{1,5})$/.exec(text) ?? [];
  const ports = [Number(host), Number(guest)] as const;
  if (host !== "" && ports.every((port) => port >= 1 && port <= MOST)) return ok(ports);
  return fail(new Fault("bad-port", `Cannot publish "${text}": wanted are two ports, as in 8080:80`));
}
