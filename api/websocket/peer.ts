/**
 * One end of an open WebSocket: messages out of bytes and back, the heartbeat, and an end that both sides know of. It is
 * given what carries the bytes, so that it is the same for server and client. A message is one frame: fragments are
 * refused (close code 1003), as our protocols send none.
 */
import { randomBytes } from "node:crypto";
import { type Close, CLOSE_CODES, decodeClose, encodeClose } from "./close.ts";
import { encodeFrame, type Frame, type FrameKind, FrameReader } from "./frame.ts";

/** What carries the bytes. */
export type Carrier = {
  readonly write: (bytes: Uint8Array) => void;
  /** Bytes written and not yet taken by the kernel. */
  readonly backlog: () => number;
  /** Sends what is written, and closes. */
  readonly end: () => void;
  readonly terminate: () => void;
};

export type PeerOptions = {
  readonly carrier: Carrier;
  readonly role: "server" | "client";
  readonly onMessage: (kind: "text" | "binary", payload: Uint8Array) => void;
  /** Called once, at the end, whatever ended it. */
  readonly onClose: (close: Close) => void;
  /** Payload bytes of one message, at most; a longer one ends the connection with 1009. */
  readonly maxPayload?: number;
  readonly pingMs?: number;
  /** The other end is given up when nothing has come from it for this long. */
  readonly silenceMs?: number;
  /** How long the other end may take to answer a close frame, before which it may have much to read. */
  readonly closingMs?: number;
};

/** Contracts section 5.5. */
const PING_MS = 2000;
const SILENCE_MS = 10_000;
const MAX_PAYLOAD = 64 * 1024;
const CLOSING_MS = 2000;

type State = "open" | "closing" | "closed";

export class WebSocketPeer {
  readonly #options: PeerOptions;
  readonly #reader: FrameReader;
  readonly #timer: Timer;
  #state: State = "open";
  #heard: number = performance.now();
  #close: Close = { code: CLOSE_CODES.abnormal, reason: "" };
  #closing: Timer | undefined;
  #deaf = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#reader = new FrameReader({
      masked: options.role === "server",
      maxPayload: options.maxPayload ?? MAX_PAYLOAD,
    });
    this.#timer = setInterval(() => this.#beat(), options.pingMs ?? PING_MS);
  }

  get open(): boolean {
    return this.#state === "open";
  }

  send(kind: "text" | "binary", payload: Uint8Array | string): void {
    this.#send(kind, typeof payload === "string" ? Buffer.from(payload, "utf8") : payload);
  }

  /** Says goodbye; what still comes in is dropped, and the connection ends when the other side has answered. */
  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#send("close", encodeClose({ code, reason }));
    this.#close = { code, reason };
    this.#state = "closing";
    this.#closing = setTimeout(() => this.#options.carrier.terminate(), this.#options.closingMs ?? CLOSING_MS);
  }

  /** Says that the caller does not read for now, so that silence means nothing. */
  setDeaf(deaf: boolean): void {
    this.#deaf = deaf;
    this.#heard = performance.now();
  }

  received(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#heard = performance.now();
    this.#reader.push(bytes);
    while (!this.#isClosed()) {
      const frame = this.#reader.next();
      if (!frame.ok) {
        const { code, message } = frame.fault;
        return this.#fail(code === "too-large" ? CLOSE_CODES.tooLarge : CLOSE_CODES.protocol, message);
      }
      if (frame.value === undefined) return;
      this.#handle(frame.value);
    }
  }

  /** The carrier has closed, by whomever. */
  closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearInterval(this.#timer);
    clearTimeout(this.#closing);
    this.#options.onClose(this.#close);
  }

  /** A method, so that the compiler does not take a state seen earlier for the present one. */
  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #handle(frame: Frame): void {
    if (frame.kind === "close") return this.#handleClose(frame.payload);
    if (this.#state !== "open" || frame.kind === "pong") return;
    if (frame.kind === "ping") return this.#send("pong", frame.payload);
    if (frame.kind === "continuation" || !frame.final) {
      return this.close(CLOSE_CODES.unsupported, "Cannot take a message in pieces");
    }
    if (frame.kind === "text" && !isUtf8(frame.payload)) {
      return this.close(CLOSE_CODES.invalid, "Cannot read a message: it is not UTF-8");
    }
    return this.#options.onMessage(frame.kind, frame.payload);
  }

  #handleClose(payload: Uint8Array): void {
    if (this.#state === "open") {
      const close = decodeClose(payload);
      if (close === undefined) return this.#fail(CLOSE_CODES.protocol, "Cannot read the close frame");
      this.#close = close;
      this.#send("close", payload);
    }
    this.#options.carrier.end();
    return this.closed();
  }

  /** What the other end sends makes no sense any more: it is told, and not listened to. */
  #fail(code: number, reason: string): void {
    if (this.#state === "open") {
      this.#close = { code, reason };
      this.#send("close", encodeClose(this.#close));
    }
    this.#options.carrier.end();
    this.closed();
  }

  #beat(): void {
    const silent = performance.now() - this.#heard;
    if (!this.#deaf && silent > (this.#options.silenceMs ?? SILENCE_MS)) return this.#options.carrier.terminate();
    this.#send("ping");
  }

  #send(kind: FrameKind, payload?: Uint8Array): void {
    if (this.#state !== "open") return;
    const mask = this.#options.role === "client" ? randomBytes(4) : undefined;
    this.#options.carrier.write(encodeFrame(kind, payload, mask));
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
