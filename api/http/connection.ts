/**
 * One client, from accept to close: requests one after the other, each read whole, handled, and answered before the next
 * is looked at. Everything a client can make the server hold is counted here or in the hall that it shares with others.
 */
import { BodyReader, framingOf } from "./body.ts";
import { type Head, parseHead } from "./head.ts";
import type { Limits } from "./limits.ts";
import {
  CONTINUE,
  encodeAnswer,
  encodeChunk,
  type HttpAnswer,
  type HttpHandler,
  LAST_CHUNK,
  textAnswer,
  type Upgraded,
} from "./message.ts";

export type Socket = Bun.Socket<Connection>;

/** What all connections of a server share. */
export type Hall = {
  readonly limits: Limits;
  readonly handler: HttpHandler;
  /** Bytes of bodies that are being received. */
  bodies: number;
  /** True once no further request is to be taken. */
  closing: boolean;
};

type State = "idle" | "head" | "body" | "handling" | "upgraded" | "linger" | "closed";

const EMPTY_BODY = new Uint8Array(0);
const NOTHING = Buffer.alloc(0);
const END_OF_HEAD = "\r\n\r\n";

export class Connection {
  readonly #socket: Socket;
  readonly #hall: Hall;
  #state: State = "idle";
  /** Received, not yet looked at. */
  #held: Buffer = NOTHING;
  #head: Head | undefined;
  #body: BodyReader | undefined;
  #charged = 0;
  /** Of answers, not yet taken by the kernel. */
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #closeWhenSent = false;
  #inputEnded = false;
  #leave: (() => void) | undefined;
  /** Who has taken the connection over. */
  #owner: Upgraded | undefined;
  /** When the present state began, or last got on. */
  #since: number = performance.now();
  #stalledSince = 0;

  constructor(socket: Socket, hall: Hall) {
    this.#socket = socket;
    this.#hall = hall;
  }

  /** Whether it waits for a request of which nothing has come. */
  get idle(): boolean {
    return (this.#state === "idle" || this.#state === "head") && this.#held.length === 0 && this.#unsentBytes === 0;
  }

  get idleSince(): number {
    return this.#since;
  }

  received(chunk: Buffer): void {
    if (this.#state === "closed" || this.#state === "linger") return;
    if (this.#owner !== undefined) return this.#owner.received(chunk);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#advance();
    // A client that sends on and on without reading its answers waits in the kernel's buffer.
    if (this.#blocked() && this.#held.length > this.#hall.limits.head) this.#socket.pause();
  }

  /** The client will send no more; what it has asked is still answered. */
  inputEnded(): void {
    this.#inputEnded = true;
    if (this.#leave === undefined && this.#blocked()) this.#closeWhenSent = true;
    else this.close();
  }

  drained(): void {
    this.#flush();
  }

  /** Ends what has taken too long, by the clock of `performance.now()`. */
  sweep(now: number): void {
    const { limits } = this.#hall;
    const age = now - this.#since;
    // Whoever has taken it over knows for himself whether the client still listens.
    if (this.#state === "upgraded") return;
    if (this.#unsentBytes > 0 && now - this.#stalledSince > limits.stalledMs) this.terminate();
    else if (this.#state === "linger" && age > limits.lingerMs) this.terminate();
    else if (this.#state === "idle" && age > limits.idleMs) this.close();
    else if (this.#state === "head" && age > limits.headMs) this.#refuse(408, "Cannot wait for the request any longer");
    else if (this.#state === "body" && age > limits.bodyMs) this.#refuse(408, "Cannot wait for the body any longer");
  }

  /** Begins to be clocked as if a request had begun: for a client that has never sent anything. */
  expectHead(): void {
    this.#state = "head";
  }

  refuse(status: number, message: string): void {
    this.#refuse(status, message);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#forget();
    this.#socket.end();
  }

  terminate(): void {
    if (this.#state === "closed") return;
    this.#forget();
    this.#socket.terminate();
  }

  /** The socket is closed, by whomever. */
  closed(): void {
    this.#forget();
  }

  /** Whether the next request has to wait for the answer of this one. */
  #blocked(): boolean {
    return this.#state === "handling" || this.#unsentBytes > 0;
  }

  /** Reads what is held as far as it goes. */
  #advance(): void {
    while (!this.#blocked() && (this.#state === "idle" || this.#state === "head" || this.#state === "body")) {
      if (this.#state === "body") {
        if (!this.#readBody()) return;
      } else if (!this.#readHead()) {
        return;
      }
    }
  }

  /** True when there may be more to do at once. */
  #readHead(): boolean {
    const held = this.#held;
    if (held.length === 0) return false;
    if (this.#state === "idle") this.#begin("head");
    const end = held.indexOf(END_OF_HEAD);
    if (end === -1 || end > this.#hall.limits.head) {
      if (held.length > this.#hall.limits.head) this.#refuse(431, "Cannot read the request: its head is too long");
      return false;
    }
    const head = parseHead(held.toString("latin1", 0, end));
    if (!head.ok) {
      this.#refuse(head.fault.code === "bad-version" ? 505 : 400, head.fault.message);
      return false;
    }
    this.#held = held.subarray(end + END_OF_HEAD.length);
    this.#head = head.value;
    return this.#startBody(head.value);
  }

  #startBody(head: Head): boolean {
    const framing = framingOf(head.headers, this.#hall.limits.body);
    if (!framing.ok) {
      this.#refuse(framing.fault.code === "too-large" ? 413 : 400, framing.fault.message);
      return false;
    }
    if (framing.value === undefined) {
      this.#handle(EMPTY_BODY);
      return true;
    }
    this.#body = new BodyReader(framing.value, this.#hall.limits.body);
    this.#begin("body");
    if (head.headers.get("expect")?.toLowerCase() === "100-continue") this.#send([CONTINUE]);
    return true;
  }

  #readBody(): boolean {
    const reader = this.#body;
    if (reader === undefined || this.#held.length === 0) return false;
    const pushed = reader.push(this.#held);
    this.#charge(reader.size);
    if (!pushed.ok) {
      this.#refuse(pushed.fault.code === "too-large" ? 413 : 400, pushed.fault.message);
      return false;
    }
    this.#held = pushed.value ?? NOTHING;
    if (pushed.value === undefined) {
      if (this.#hall.bodies > this.#hall.limits.bodies) {
        this.#refuse(503, "Cannot take the body: too many requests with large bodies are under way; try again");
      }
      return false;
    }
    this.#handle(reader.bytes());
    return true;
  }

  #handle(body: Uint8Array): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#body = undefined;
    this.#begin("handling");
    const answer = this.#hall.handler({ ...head, body, fd: fdOf(this.#socket) });
    // Most answers are there at once, and then nothing has to wait for a turn of the event loop.
    if (answer instanceof Promise) void answer.then((later) => this.#answerLate(later, head));
    else this.#answer(answer, head);
  }

  #answerLate(answer: HttpAnswer, head: Head): void {
    this.#answer(answer, head);
    this.#goOn();
  }

  /** Looks at what the client has sent while an answer was under way. */
  #goOn(): void {
    if (this.#state !== "idle" || this.#blocked()) return;
    this.#socket.resume();
    this.#advance();
  }

  #answer(answer: HttpAnswer, head: Head): void {
    this.#charge(0);
    if (this.#state !== "handling") {
      answer.stream?.({ write: () => false, end: () => {} })();
      return;
    }
    const keepAlive = head.keepAlive && !this.#hall.closing && !this.#inputEnded;
    this.#send(encodeAnswer(answer, { keepAlive, withBody: head.method !== "HEAD" }));
    if (answer.upgrade !== undefined) this.#upgrade(answer.upgrade);
    else if (answer.stream !== undefined) this.#startStream(answer.stream);
    else this.#finish(keepAlive);
  }

  #startStream(stream: NonNullable<HttpAnswer["stream"]>): void {
    let open = true;
    const leave = stream({
      write: (text) => {
        if (!open || this.#state !== "handling") return false;
        this.#send([encodeChunk(text)]);
        if (this.#unsentBytes > this.#hall.limits.streamBacklog) this.terminate();
        return this.#isOpen();
      },
      end: () => {
        if (!open || this.#state !== "handling") return;
        open = false;
        this.#leave = undefined;
        this.#send([LAST_CHUNK]);
        this.#finish(false);
      },
    });
    if (this.#state !== "handling") leave();
    else this.#leave = leave;
  }

  #upgrade(take: NonNullable<HttpAnswer["upgrade"]>): void {
    if (this.#state !== "handling") return;
    this.#begin("upgraded");
    const early = this.#held;
    this.#held = NOTHING;
    const owner = take({
      write: (bytes) => this.#send([bytes]),
      backlog: () => this.#unsentBytes,
      end: () => this.#finish(false),
      terminate: () => this.terminate(),
    });
    if (!this.#isOpen()) return owner.closed();
    this.#owner = owner;
    this.#leave = (): void => owner.closed();
    this.#socket.resume();
    if (early.length > 0) owner.received(early);
  }

  /** A method, so that the compiler does not take a state seen earlier for the present one. */
  #isOpen(): boolean {
    return this.#state !== "closed";
  }

  #finish(keepAlive: boolean): void {
    if (this.#state === "closed") return;
    this.#begin("idle");
    if (!keepAlive || this.#closeWhenSent) {
      this.#closeWhenSent = true;
      if (this.#unsentBytes === 0) this.close();
    }
  }

  /** Answers, and closes once the client had its chance to read that. */
  #refuse(status: number, message: string): void {
    this.#charge(0);
    this.#body = undefined;
    this.#held = NOTHING;
    this.#send(encodeAnswer(textAnswer(status, message), { keepAlive: false, withBody: true }));
    if (this.#state === "closed") return;
    this.#begin("linger");
    this.#socket.shutdown();
  }

  #send(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (this.#state === "closed") return;
      const sent = this.#unsentBytes > 0 ? 0 : this.#socket.write(piece);
      if (sent < 0) return this.terminate();
      if (sent === piece.byteLength) continue;
      if (this.#unsentBytes === 0) this.#stalledSince = performance.now();
      this.#unsent.push(sent === 0 ? piece : piece.subarray(sent));
      this.#unsentBytes += piece.byteLength - sent;
    }
  }

  #flush(): void {
    for (;;) {
      const [piece] = this.#unsent;
      if (piece === undefined) break;
      const sent = this.#socket.write(piece);
      if (sent < 0) return this.terminate();
      this.#unsentBytes -= sent;
      if (sent > 0) this.#stalledSince = performance.now();
      if (sent < piece.byteLength) {
        this.#unsent[0] = piece.subarray(sent);
        return;
      }
      this.#unsent.shift();
    }
    if (this.#closeWhenSent && this.#state !== "handling") this.close();
    else if (this.#owner !== undefined) this.#owner.drained();
    else this.#goOn();
  }

  #begin(state: State): void {
    this.#state = state;
    this.#since = performance.now();
  }

  #charge(bytes: number): void {
    this.#hall.bodies += bytes - this.#charged;
    this.#charged = bytes;
  }

  #forget(): void {
    this.#charge(0);
    this.#state = "closed";
    this.#held = NOTHING;
    this.#unsent = [];
    this.#unsentBytes = 0;
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.();
  }
}

/** The runtime has it on every socket and its types do not say so. */
function fdOf(socket: object): number | undefined {
  const fd: unknown = Reflect.get(socket, "fd");
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
