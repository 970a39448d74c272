/** The head of a request: its line and fields. RFC 9112 sections 2 to 5, without what it lets old senders do. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type Head = {
  readonly method: string;
  /** As sent: path and query, in origin form. */
  readonly target: string;
  /** Names in lower case; a field given twice is joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether the connection may serve another request. */
  readonly keepAlive: boolean;
};

export type HeadFault = "bad-head" | "bad-version";

const requestLine = /^([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,31}) (\S+) HTTP\/(\d)\.(\d)$/;
const fieldName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Anything but the control characters, of which only the tab is a space. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const forbidden = /[\0-\x08\x0a-\x1f\x7f]/;
/** A second one of these would make it unclear where a request ends. */
const ONCE: readonly string[] = ["content-length", "transfer-encoding", "host"];

/** Reads what stands before the empty line. `text` is one character a byte. */
export function parseHead(text: string): Result<Head, HeadFault> {
  const [line = "", ...fields] = text.split("\r\n");
  const matched = requestLine.exec(line);
  if (matched === null) return bad("the first line is not one of HTTP");
  const [, method = "", target = "", major = "", minor = ""] = matched;
  if (major !== "1") return fail(new Fault("bad-version", `Cannot speak HTTP/${major}.${minor}: wanted HTTP/1.1`));
  if (forbidden.test(line)) return bad("the first line holds a control character");
  const headers = new Map<string, string>();
  for (const field of fields) {
    const at = field.indexOf(":");
    const name = field.slice(0, at).toLowerCase();
    const value = field.slice(at + 1).trim();
    if (at < 1 || !fieldName.test(name)) return bad("a header field has no proper name");
    if (forbidden.test(value)) return bad(`the field "${name}" holds a control character`);
    const before = headers.get(name);
    if (before !== undefined && ONCE.includes(name)) return bad(`the field "${name}" is given twice`);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return ok({ method, target, headers, keepAlive: keepsAlive(headers.get("connection"), minor) });
}

function keepsAlive(connection: string | undefined, minor: string): boolean {
  const words = (connection ?? "").toLowerCase().split(/\s*,\s*/);
  return minor === "0" ? words.includes("keep-alive") : !words.includes("close");
}

function bad(why: string): Result<never, HeadFault> {
  return fail(new Fault("bad-head", `Cannot read the request: ${why}`));
}
