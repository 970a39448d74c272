/** Reading what a client sent: query, JSON body, and the name of the program. Everything here is refused, not guessed. */
import { Fault, reason } from "../../base/result.ts";

/** Bytes of a body, at most. */
export const MAX_BODY: number = 1024 * 1024;
/** Levels of lists and objects in a body, at most; what reads a body further on goes into it level by level. */
export const MAX_DEPTH = 64;
/** How long a body may take to arrive. */
const BODY_MS = 30_000;

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

/** The JSON of a body. Throws `Fault` with `too-large`, `too-slow` or `bad-body`. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json") {
    throw badBody(`the content type is ${JSON.stringify(type)}, wanted application/json`);
  }
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY) throw tooLarge();
  const bytes = await readBytes(request);
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

async function readBytes(request: Request): Promise<ArrayBuffer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const seconds = BODY_MS / 1000;
  const timer = setTimeout(
    () => reject(new Fault("too-slow", `Cannot wait for the body: ${seconds} s went by`)),
    BODY_MS,
  );
  try {
    return await Promise.race([request.arrayBuffer(), late]);
  } catch (cause) {
    throw cause instanceof Fault ? cause : badBody(reason(cause));
  } finally {
    clearTimeout(timer);
  }
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

function tooLarge(): Fault<"too-large"> {
  return new Fault("too-large", `Cannot take the body: it is larger than ${MAX_BODY} bytes`);
}
