/** Reading what a client sent: address, query, JSON body. Everything here is refused, not guessed. */
import { Fault, reason } from "../../base/result.ts";
import type { HttpRequest } from "../http/message.ts";

/** Levels of lists and objects in a body, at most; what reads a body further on goes into it level by level. */
export const MAX_DEPTH = 64;

export type Target = { readonly path: string; readonly query: URLSearchParams | undefined };

/** The address in its two parts. Throws `Fault("bad-query")`. */
export function readTarget(target: string): Target {
  // Some clients send the whole address, as they would to a proxy.
  const local = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*/i, "");
  if (!local.startsWith("/")) throw badQuery("Cannot read the address of the request");
  const at = local.indexOf("?");
  if (at === -1) return { path: local, query: undefined };
  return { path: local.slice(0, at), query: new URLSearchParams(local.slice(at + 1)) };
}

const NONE: ReadonlyMap<string, string> = new Map();

/** The parameters, which must be among `known`, given once, and not empty. Throws `Fault("bad-query")`. */
export function readQuery(search: URLSearchParams | undefined, known: readonly string[]): ReadonlyMap<string, string> {
  if (search === undefined) return NONE;
  const query = new Map<string, string>();
  for (const [name, value] of search) {
    if (!known.includes(name)) {
      const has = known.length === 0 ? "there are none here" : `there are: ${known.join(", ")}`;
      throw badQuery(`Cannot use the parameter ${JSON.stringify(name)}: ${has}`);
    }
    if (query.has(name)) throw badQuery(`Cannot use the parameter "${name}": it is given twice`);
    if (value === "") throw badQuery(`Cannot use the parameter "${name}": it is empty`);
    query.set(name, value);
  }
  return query;
}

/** The JSON of a body. Throws `Fault("bad-body")`. */
export function readJson({ headers, body }: HttpRequest): unknown {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json") {
    throw badBody(`the content type is ${JSON.stringify(type)}, wanted application/json`);
  }
  if (body.byteLength === 0) throw badBody("it is empty, wanted JSON");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw badBody(reason(cause));
  }
  if (!isShallow(value)) throw badBody(`it goes more than ${MAX_DEPTH} levels deep`);
  return value;
}

/** Whether the client would rather have JSON than text where both are to be had. */
export function wantsJson(headers: HttpRequest["headers"]): boolean {
  return /\bapplication\/(?:[a-z.-]+\+)?json\b/i.test(headers.get("accept") ?? "");
}

/** Without recursion, which a hostile body would exhaust. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values<unknown>({ ...each }) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}

function badQuery(message: string): Fault<"bad-query"> {
  return new Fault("bad-query", message);
}

function badBody(why: string): Fault<"bad-body"> {
  return new Fault("bad-body", `Cannot read the body: ${why}`);
}
