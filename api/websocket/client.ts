/** A WebSocket to a server on a Unix socket: the opening by HTTP, then a peer on the same connection. */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import { acceptOf, upgradeRequest } from "./handshake.ts";
import { type PeerOptions, WebSocketPeer } from "./peer.ts";

export type ClientOptions = Omit<PeerOptions, "carrier" | "role"> & {
  /** The server's socket. */
  readonly path: string;
  /** Path and query of the request. */
  readonly target: string;
};

export type WebSocketFault = "unreachable" | "refused";

export type WebSocketClient = {
  readonly peer: WebSocketPeer;
  /** Stops reading, so that the server waits; the connection is kept alive meanwhile. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly terminate: () => void;
};

/** An answer that is no upgrade, with its text. */
export class RefusedFault extends Fault<"refused"> {
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super("refused", `Cannot open a WebSocket: the server answers with status ${status}: ${text}`, { status });
    this.status = status;
    this.text = text;
  }
}

/** Longest head of an answer, and longest text of a refusal that is kept. */
const MAX_ANSWER = 64 * 1024;
const OPEN_MS = 30_000;
const END_OF_HEAD = "\r\n\r\n";

export async function openWebSocket(options: ClientOptions): Promise<Result<WebSocketClient, WebSocketFault>> {
  const socket = connect({ path: options.path, allowHalfOpen: false });
  const key = randomBytes(16).toString("base64");
  socket.write(upgradeRequest(options.target, key));
  const opened = await readAnswer(socket, acceptOf(key), options.path);
  if (!opened.ok) {
    socket.destroy();
    return opened;
  }
  const peer = new WebSocketPeer({
    ...options,
    role: "client",
    carrier: {
      write: (bytes) => void (socket.writable && socket.write(bytes)),
      backlog: () => socket.writableLength,
      end: () => void socket.end(),
      terminate: () => void socket.destroy(),
    },
  });
  socket.on("data", (chunk: Buffer) => peer.received(chunk));
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => peer.closed());
  if (opened.value.length > 0) peer.received(opened.value);
  socket.resume();
  return ok({
    peer,
    pause() {
      peer.setDeaf(true);
      socket.pause();
    },
    resume() {
      peer.setDeaf(false);
      socket.resume();
    },
    terminate: () => void socket.destroy(),
  });
}

/** What came after the head of the answer that opens the connection. The socket is paused then. */
function readAnswer(socket: Socket, accept: string, path: string): Promise<Result<Buffer, WebSocketFault>> {
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0);
    const done = (result: Result<Buffer, WebSocketFault>): void => {
      clearTimeout(timer);
      for (const event of ["data", "error", "end", "close"]) socket.removeAllListeners(event);
      socket.pause();
      socket.on("error", () => {}); // it is told by the result, or by "close" later on
      resolve(result);
    };
    const unreachable = (why: unknown): void =>
      done(fail(Fault.from("unreachable", `Cannot reach the API at "${path}"`, why, { path })));
    const timer = setTimeout(() => unreachable("it does not answer"), OPEN_MS);
    socket.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      const answer = judge(held, accept);
      if (answer !== undefined) done(answer);
    });
    socket.on("error", (cause) => unreachable(describe(cause)));
    socket.on("end", () => (held.length === 0 ? unreachable("the connection was closed") : done(refusal(held))));
    socket.on("close", () => unreachable("the connection was closed"));
  });
}

/** Undefined while more is to come. */
function judge(held: Buffer, accept: string): Result<Buffer, "refused"> | undefined {
  const end = held.indexOf(END_OF_HEAD);
  if (end === -1) return held.length > MAX_ANSWER ? refusal(held) : undefined;
  const head = held.toString("latin1", 0, end);
  const rest = held.subarray(end + END_OF_HEAD.length);
  if (head.startsWith("HTTP/1.1 101 ")) {
    const given = /\r\nsec-websocket-accept: *(\S+)/i.exec(head)?.[1];
    return given === accept ? ok(rest) : refusal(held);
  }
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? MAX_ANSWER);
  return rest.length >= Math.min(length, MAX_ANSWER) ? refusal(held) : undefined;
}

function refusal(held: Buffer): Result<never, "refused"> {
  const text = held.toString("utf8");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  const at = text.indexOf(END_OF_HEAD);
  return fail(new RefusedFault(status, at === -1 ? "" : text.slice(at + END_OF_HEAD.length).trim()));
}

function describe(cause: Error): string {
  const code: unknown = "code" in cause ? cause.code : undefined;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "no such socket",
    ECONNREFUSED: "nothing listens there",
    EACCES: "permission denied",
    ECONNRESET: "the connection was closed",
  };
  return (typeof code === "string" ? known[code] : undefined) ?? cause.message;
}
