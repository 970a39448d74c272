/**
 * The guest's half of the control channel: answers the host's greeting, and joins each stream that the host opens to a
 * new connection to the API's socket. It outlives any number of hosts: a new greeting, or the host's going away, ends
 * all streams and nothing else. It decides nothing about who may connect: whoever holds the host's end may.
 */
import { connect } from "node:net";
import type { Log } from "../../base/log.ts";
import type { Device } from "./device.ts";
import { LineReader, decodeFrame, encodeFrame, type Frame } from "./frame.ts";
import { Streams, type Wire } from "./streams.ts";
import { WriteQueue } from "./write-queue.ts";

/** Streams at once; a further one is refused. With the window this bounds the memory used. */
export const MAX_STREAMS = 64;

export type GuestOptions = {
  readonly device: Device;
  readonly apiSocket: string;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

/** Serves until `signal`; a fault means that the device itself failed. */
export async function serveGuest(options: GuestOptions): Promise<void> {
  const guest = new Guest(options);
  guest.start();
  try {
    for await (const event of options.device.events(options.signal)) {
      if (event.kind === "away") guest.hostLeft();
      else guest.receive(event.bytes);
    }
  } finally {
    guest.stop();
  }
}

class Guest {
  readonly #options: GuestOptions;
  readonly #queue: WriteQueue;
  readonly #streams: Streams;
  #lines = new LineReader();
  #session: string | undefined;
  #saidLost = false;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.device, () => this.#streams.drained());
    const wire: Wire = { send: (bytes) => this.#queue.send(bytes), backlog: () => this.#queue.backlog };
    this.#streams = new Streams(wire);
  }

  /** Tells a host that is already there that whatever it had open is gone. */
  start(): void {
    this.#sayLost();
  }

  stop(): void {
    this.#streams.clear();
    this.#queue.stop();
  }

  hostLeft(): void {
    if (this.#session !== undefined) this.#options.log.debug("host went away", { streams: this.#streams.size });
    this.#session = undefined;
    this.#saidLost = false;
    this.#lines = new LineReader();
    this.#streams.clear();
    this.#queue.clear();
  }

  receive(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      const frame = decodeFrame(line);
      if (frame.ok) this.#handle(frame.value);
      else this.#options.log.debug("dropped a line", { why: frame.fault.message });
    }
  }

  #handle(frame: Frame): void {
    if (frame.kind === "hello") return this.#greet(Buffer.from(frame.payload).toString("latin1"));
    if (this.#session === undefined) return this.#sayLost();
    if (frame.kind === "open") return this.#open(frame.stream);
    return this.#streams.receive(frame);
  }

  /** A new session ends all streams of the one before; a repeated greeting is only answered. */
  #greet(session: string): void {
    if (session !== this.#session) {
      this.#streams.clear();
      this.#queue.clear();
      this.#session = session;
      this.#options.log.debug("host connected");
    }
    this.#queue.send(encodeFrame("ready", 0, session));
  }

  #open(id: number): void {
    if (this.#streams.has(id) || this.#streams.size >= MAX_STREAMS) {
      this.#queue.send(encodeFrame("reset", id));
      return;
    }
    this.#streams.add(id, connect({ path: this.#options.apiSocket, allowHalfOpen: true }));
  }

  /** Said once until the next greeting, so that a host that keeps sending is not answered line by line. */
  #sayLost(): void {
    if (this.#saidLost) return;
    this.#saidLost = true;
    this.#queue.send(encodeFrame("lost", 0));
  }
}
