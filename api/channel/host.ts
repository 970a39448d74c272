/**
 * The host's half of the control channel: connects to QEMU's socket, greets the guest, and carries each connection to a
 * local socket as one stream. Whatever breaks (QEMU, the guest's program, the guest), the local socket stays and the
 * next greeting that is answered serves again.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { type Server, type Socket, connect, createServer } from "node:net";
import { dirname } from "node:path";
import { mkdirSync } from "node:fs";
import { Fault } from "../../base/result.ts";
import { type Log, silentLog } from "../../base/log.ts";
import { type Frame, LineReader, decodeFrame, encodeFrame } from "./frame.ts";
import { Streams, type Wire } from "./streams.ts";

export type ControlOptions = {
  /** QEMU's socket of the virtio-serial port. */
  readonly channelSocket: string;
  /** Where local programs connect: HTTP as on the machine's own API socket. */
  readonly apiSocket: string;
  readonly log?: Log;
  /** How long a local connection waits for the guest before it is closed; default 30 s. */
  readonly waitMs?: number;
};

const RETRY_MS = 250;
const GREET_MS = 1000;

type Waiting = { readonly socket: Socket; readonly timer: Timer };

/** Serves `apiSocket` until closed. The socket is made readable for its owner only. */
export async function serveControl(options: ControlOptions): Promise<ControlServer> {
  const control = new ControlServer(options);
  await control.listen();
  return control;
}

export class ControlServer implements AsyncDisposable {
  readonly #options: ControlOptions;
  readonly #log: Log;
  readonly #local: Server;
  readonly #streams: Streams;
  readonly #waiting = new Set<Waiting>();
  #channel: Socket | undefined;
  #lines = new LineReader();
  #session = "";
  #ready = false;
  #closed = false;
  #nextStream = 1;
  #timer: Timer | undefined;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    const wire: Wire = {
      send: (bytes) => void this.#channel?.write(bytes),
      backlog: () => this.#channel?.writableLength ?? 0,
    };
    this.#streams = new Streams(wire);
    this.#local = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Whether the guest has answered the greeting of this session. */
  get ready(): boolean {
    return this.#ready;
  }

  async listen(): Promise<void> {
    const path = this.#options.apiSocket;
    mkdirSync(dirname(path), { recursive: true });
    await rm(path, { force: true });
    const mask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#local.once("error", (cause) => reject(Fault.from("not-listening", `Cannot listen on "${path}"`, cause)));
        this.#local.listen(path, resolve);
      });
    } finally {
      process.umask(mask);
    }
    this.#connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
    for (const waiting of this.#waiting) this.#giveUp(waiting);
    this.#channel?.destroy();
    await new Promise<void>((resolve) => void this.#local.close(() => resolve()));
    await rm(this.#options.apiSocket, { force: true });
  }

  #connect(): void {
    const channel = connect({ path: this.#options.channelSocket });
    this.#channel = channel;
    this.#lines = new LineReader();
    channel.on("connect", () => this.#greet());
    channel.on("data", (chunk: Buffer) => this.#receive(chunk));
    channel.on("drain", () => this.#streams.drained());
    channel.on("error", () => {}); // "close" follows
    channel.on("close", () => {
      if (this.#ready) this.#log.debug("channel closed");
      this.#drop();
      clearTimeout(this.#timer);
      if (!this.#closed) this.#timer = setTimeout(() => this.#connect(), RETRY_MS);
    });
  }

  /** Says hello with a new session, and again until it is answered: the guest's program may not have started yet. */
  #greet(): void {
    this.#drop();
    this.#session = randomBytes(12).toString("hex");
    const again = (): void => {
      if (this.#ready || this.#closed) return;
      // The newline ends whatever an earlier host left unfinished.
      this.#channel?.write("\n");
      this.#channel?.write(encodeFrame("hello", 0, this.#session));
      this.#timer = setTimeout(again, GREET_MS);
    };
    clearTimeout(this.#timer);
    again();
  }

  #receive(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) {
      const frame = decodeFrame(line);
      if (frame.ok) this.#handle(frame.value);
      else this.#log.debug("dropped a line", { why: frame.fault.message });
    }
  }

  #handle(frame: Frame): void {
    if (frame.kind === "ready") return this.#begin(Buffer.from(frame.payload).toString("latin1"));
    // What comes before the answer belongs to a session that is over.
    if (!this.#ready) return;
    if (frame.kind === "lost") return this.#greet();
    this.#streams.receive(frame);
  }

  #begin(session: string): void {
    if (session !== this.#session || this.#ready) return;
    this.#ready = true;
    clearTimeout(this.#timer);
    for (const waiting of this.#waiting) {
      this.#forget(waiting);
      this.#open(waiting.socket);
    }
  }

  #drop(): void {
    this.#ready = false;
    this.#streams.clear();
  }

  #accept(socket: Socket): void {
    if (this.#ready) return this.#open(socket);
    const timer = setTimeout(() => this.#giveUp(waiting), this.#options.waitMs ?? 30_000);
    const waiting: Waiting = { socket, timer };
    this.#waiting.add(waiting);
    socket.on("error", () => {}); // "close" follows
    socket.once("close", () => this.#forget(waiting));
  }

  #open(socket: Socket): void {
    const id = this.#nextStream++;
    this.#channel?.write(encodeFrame("open", id));
    this.#streams.add(id, socket);
    socket.resume();
  }

  #forget(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting);
  }

  #giveUp(waiting: Waiting): void {
    this.#forget(waiting);
    waiting.socket.destroy();
  }
}
