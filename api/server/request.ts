/** Reading what a client sent: query, JSON body, and the name of the program. Everything here is refused, not guessed. */
import { Fault, reason } from "../../base/result.ts";

/** Bytes of a body, at most. */
export const MAX_BODY: number = 1024 * 1024;
/** Levels of lists and objects in a body, at most; what reads a body further on goes into it level by level. */
export const MAX_DEPTH = 64;

const agentPattern = /^[a-z][a-z0-9-]{0,63}$/;

/** The parameters, which must be among `known`, given once, and not empty. Throws `Fault("bad-query")`. */
export function readQuery(search: URLSearchParams, known: readonly string[]): ReadonlyMap<string, string> {
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

/** The JSON of a body. Throws `Fault` with `too-large` or `bad-body`. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json") {
    throw badBody(`the content type is ${JSON.stringify(type)}, wanted application/json`);
  }
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY) throw tooLarge();
  let bytes: ArrayBuffer;
  try {
    bytes = await request.arrayBuffer();
  } catch (cause) {
    throw badBody(reason(cause));
  }
  if (bytes.byteLength > MAX_BODY) throw tooLarge();
  if (bytes.byteLength === 0) throw badBody("it is empty, wanted JSON");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badBody(reason(cause));
  }
  if (!isShallow(value)) throw badBody(`it goes more than ${MAX_DEPTH} levels deep`);
  return value;
}

/** The program's name from `User-Agent`; `api` for anything that is not a plain word. */
export function readAgent(request: Request): string {
  const agent = request.headers.get("user-agent") ?? "";
  return agentPattern.test(agent) ? agent : "api";
}

/** Without recursion, which a hostile body would exhaust. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((each): unknown[] =>
      typeof each === "object" && each !== null ? Object.values(each as Readonly<Record<string, unknown>>) : [],
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

function tooLarge(): Fault<"too-large"> {
  return new Fault("too-large", `Cannot take the body: it is larger than ${MAX_BODY} bytes`);
}
