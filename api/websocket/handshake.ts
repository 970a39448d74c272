/** The opening of a WebSocket (RFC 6455 section 4): what a client asks, what a server answers. Pure. */
import { createHash } from "node:crypto";
import { Fault, fail, ok, type Result } from "../../base/result.ts";

type Headers = ReadonlyMap<string, string>;

/** Section 1.3: it proves that the server knows what it was asked. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a server gives back for a client's key. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}${GUID}`).digest("base64");
}

/** The header fields of the answer to a request that asks for a WebSocket. Names are in lower case. */
export function acceptUpgrade(headers: Headers): Result<Readonly<Record<string, string>>, "no-upgrade"> {
  if (!hasWord(headers.get("upgrade"), "websocket") || !hasWord(headers.get("connection"), "upgrade")) {
    return refuse("it does not ask for a WebSocket");
  }
  if (headers.get("sec-websocket-version") !== "13") return refuse("its version is not 13");
  const key = headers.get("sec-websocket-key") ?? "";
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return refuse("its key is not sixteen bytes in base64");
  return ok({ Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": acceptOf(key) });
}

/** The request of a client, as bytes of HTTP. Preconditions: `target` is one word. */
export function upgradeRequest(target: string, key: string): string {
  const fields = {
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

function hasWord(field: string | undefined, word: string): boolean {
  return (field ?? "")
    .toLowerCase()
    .split(/\s*,\s*/)
    .includes(word);
}

function refuse(why: string): Result<never, "no-upgrade"> {
  return fail(new Fault("no-upgrade", `Cannot open a WebSocket: ${why}`));
}
