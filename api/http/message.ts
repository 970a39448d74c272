/** Requests and answers as values, and answers as bytes. */
import type { Head } from "./head.ts";

export type HttpRequest = Head & {
  readonly body: Uint8Array;
  /** Descriptor of the connection, by which the kernel tells who is at its other end. */
  readonly fd: number | undefined;
};

/** Where an answer without an end is written, piece by piece. */
export type Sink = {
  /** False when the client has gone, or was dropped because it does not read. */
  readonly write: (text: string) => boolean;
  readonly end: () => void;
};

/** A connection that is no longer one of HTTP, as its new owner uses it. */
export type Wire = {
  readonly write: (bytes: Uint8Array) => void;
  /** Bytes written and not yet taken by the kernel. */
  readonly backlog: () => number;
  /** Sends what is written, and closes. */
  readonly end: () => void;
  readonly terminate: () => void;
};

/** What the new owner of a connection is told. A client that ends its half has gone. */
export type Upgraded = {
  readonly received: (bytes: Uint8Array) => void;
  /** The kernel has taken everything. */
  readonly drained: () => void;
  readonly closed: () => void;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Instead of a body: called once the head is sent; what it returns is called when the client is gone. */
  readonly stream?: (sink: Sink) => () => void;
  /** With status 101: takes the connection over once the head is sent. */
  readonly upgrade?: (wire: Wire) => Upgraded;
};

/** Must not reject. */
export type HttpHandler = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

const EMPTY = new Uint8Array(0);
/** Up to here head and body travel in one write. */
const SMALL = 32 * 1024;

const reasons: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  422: "Unprocessable Content",
  423: "Locked",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

export type Framed = { readonly keepAlive: boolean; readonly withBody: boolean };

/** The bytes of an answer, in one or two pieces; of a stream only the head. */
export function encodeAnswer(answer: HttpAnswer, { keepAlive, withBody }: Framed): readonly Uint8Array[] {
  const { status, headers, stream } = answer;
  const body = typeof answer.body === "string" ? Buffer.from(answer.body, "utf8") : (answer.body ?? EMPTY);
  let head = `HTTP/1.1 ${status} ${reasons[status] ?? "Status"}\r\nDate: ${httpDate()}\r\n`;
  for (const name in headers) head += `${name}: ${plain(headers[name] ?? "")}\r\n`;
  if (stream !== undefined) head += "Transfer-Encoding: chunked\r\n";
  else if (status >= 200 && status !== 204 && status !== 304) head += `Content-Length: ${body.byteLength}\r\n`;
  if (!keepAlive && status >= 200) head += "Connection: close\r\n";
  head += "\r\n";
  if (!withBody || body.byteLength === 0) return [Buffer.from(head, "latin1")];
  if (body.byteLength > SMALL) return [Buffer.from(head, "latin1"), body];
  const whole = Buffer.allocUnsafe(head.length + body.byteLength);
  whole.write(head, 0, "latin1");
  whole.set(body, head.length);
  return [whole];
}

export function encodeChunk(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`, "latin1"),
    bytes,
    Buffer.from("\r\n", "latin1"),
  ]);
}

export const LAST_CHUNK: Uint8Array = Buffer.from("0\r\n\r\n", "latin1");

export const CONTINUE: Uint8Array = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n", "latin1");

export function textAnswer(status: number, message: string): HttpAnswer {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: message };
}

/** A header's value must stay one line whatever it is made of. */
function plain(value: string): string {
  return value.replace(/[^\t\x20-\x7e]/g, "?");
}

let dateSecond = 0;
let dateText = "";

function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
