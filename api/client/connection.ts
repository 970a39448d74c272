/** One HTTP request to the API's Unix socket: no retries, no kept connection, no limit of time but the caller's. */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type Answer = { readonly status: number; readonly body: string; readonly headers: Headers };

export type ConnectionFault = "unreachable" | "status";

export type Call = {
  readonly method: string;
  readonly uri: string;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request that knows its socket. */
export type Api = (call: Call) => Promise<Result<Answer, ConnectionFault>>;

export type ApiOptions = {
  /** The program that asks, and why; the server keeps both with a commit. */
  readonly agent?: string;
  readonly message?: string;
  readonly onStatus?: (status: number, call: Call) => void;
};

/** An answer that is not 2xx, worded as contracts section 6.1 has it, with what it consists of. */
export class StatusFault extends Fault<"status"> {
  readonly answer: Answer;

  constructor(call: Call, answer: Answer) {
    const text = `Status ${answer.status} when ${call.method}ing ${call.uri}: ${answer.body.trimEnd()}`;
    super("status", text, { status: answer.status });
    this.answer = answer;
  }
}

/** An `Api` on the socket at `path`. An answer that is not 2xx is a `StatusFault`. */
export function apiAt(path: string, options: ApiOptions = {}): Api {
  return async (call) => {
    let answer: Answer;
    try {
      const response = await request(path, call, options);
      answer = { status: response.status, body: await response.text(), headers: response.headers };
    } catch (cause) {
      return fail(Fault.from("unreachable", `Cannot reach the API at "${path}"`, errnoOf(cause), { path }));
    }
    options.onStatus?.(answer.status, call);
    return answer.status >= 200 && answer.status < 300 ? ok(answer) : fail(new StatusFault(call, answer));
  };
}

/** The pieces of an answer as they come, until the server ends it. Throws `Fault` with `unreachable` or `status`. */
export async function* streamFrom(path: string, call: Call, options: ApiOptions = {}): AsyncGenerator<string> {
  try {
    const response = await request(path, call, options);
    options.onStatus?.(response.status, call);
    if (!response.ok || response.body === null) {
      throw new StatusFault(call, { status: response.status, body: await response.text(), headers: response.headers });
    }
    const decoder = new TextDecoder();
    const body: ReadableStream<Uint8Array> = response.body;
    for await (const piece of body) yield decoder.decode(piece, { stream: true });
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw Fault.from("unreachable", `Cannot reach the API at "${path}"`, errnoOf(cause), { path });
  }
}

function request(path: string, call: Call, { agent, message }: ApiOptions): Promise<Response> {
  return fetch(`http://localhost${call.uri}`, {
    unix: path,
    method: call.method,
    headers: {
      "Content-Type": "application/json",
      ...(agent === undefined ? {} : { "User-Agent": agent }),
      ...(message === undefined ? {} : { "Sparkler-Message": encodeURIComponent(message) }),
      ...call.headers,
    },
    keepalive: false,
    redirect: "manual",
    timeout: false,
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
}

/** The runtime's sentence guesses at typing errors; the code says what happened. */
function errnoOf(cause: unknown): unknown {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "no such socket",
    ECONNREFUSED: "nothing listens there",
    EACCES: "permission denied",
    ECONNRESET: "the connection was closed",
    FailedToOpenSocket: "nothing listens there",
  };
  return (typeof code === "string" ? known[code] : undefined) ?? cause;
}
