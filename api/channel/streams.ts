/**
 * The streams of one control session, the same at both ends: each is joined to one socket, with half-close, reset, and
 * a credit window, so that a slow reader holds up its own stream only and memory stays bounded. This is not the session:
 * who greets whom is in guest.ts and host.ts.
 */
import type { Socket } from "node:net";
import { type Frame, MAX_PAYLOAD, encodeFrame } from "./frame.ts";

/** Bytes a sender may have on their way in one stream before the receiver has passed them on. */
export const WINDOW: number = 128 * 1024;
/** Unsent bytes at which sockets are no longer read, whatever their credit. */
const HIGH_WATER = 256 * 1024;

/** What carries the frames: a queue in front of a device or a socket. */
export type Wire = {
  readonly send: (bytes: Uint8Array) => void;
  /** Bytes not yet taken by what is below. */
  readonly backlog: () => number;
};

type Stream = {
  readonly id: number;
  readonly socket: Socket;
  /** Bytes that may still be sent to the other end. */
  credit: number;
  /** Read from the socket, waiting for credit. */
  held: Buffer[];
  /** Received and passed on, not yet given back as credit. */
  owed: number;
  /** Received, not yet taken by the socket. */
  unwritten: number;
  localEnded: boolean;
  endSent: boolean;
  remoteEnded: boolean;
};

export class Streams {
  readonly #wire: Wire;
  readonly #streams = new Map<number, Stream>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  get size(): number {
    return this.#streams.size;
  }

  has(id: number): boolean {
    return this.#streams.has(id);
  }

  /** Joins `socket` (opened with `allowHalfOpen`) to stream `id` until both directions have ended. */
  add(id: number, socket: Socket): void {
    const stream: Stream = {
      id,
      socket,
      credit: WINDOW,
      held: [],
      owed: 0,
      unwritten: 0,
      localEnded: false,
      endSent: false,
      remoteEnded: false,
    };
    this.#streams.set(id, stream);
    socket.on("data", (chunk: Buffer) => {
      stream.held.push(chunk);
      this.#pump(stream);
    });
    socket.on("end", () => {
      stream.localEnded = true;
      this.#pump(stream);
    });
    socket.on("error", () => this.#abort(stream));
    socket.on("close", () => {
      if (!(stream.localEnded && stream.remoteEnded)) this.#abort(stream);
    });
  }

  /** Takes a frame about a stream; frames of streams that are gone are dropped. */
  receive(frame: Frame): void {
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined) return;
    if (frame.kind === "data") this.#deliver(stream, frame.payload);
    else if (frame.kind === "credit") this.#grant(stream, frame.payload);
    else if (frame.kind === "end") this.#finish(stream);
    else if (frame.kind === "reset") this.#forget(stream);
  }

  /** Goes on reading sockets after the wire has taken its backlog. */
  drained(): void {
    for (const stream of this.#streams.values()) this.#pump(stream);
  }

  /** Ends every stream at once without telling the other end, which has gone or knows. */
  clear(): void {
    for (const stream of this.#streams.values()) this.#forget(stream);
  }

  /** Sends what credit and wire allow, then reads on or pauses the socket. */
  #pump(stream: Stream): void {
    // A socket may still speak after its stream was forgotten, when its number may already be another's.
    if (this.#streams.get(stream.id) !== stream) return;
    while (stream.held.length > 0 && stream.credit > 0 && this.#wire.backlog() < HIGH_WATER) {
      const [chunk = Buffer.alloc(0)] = stream.held;
      const piece = chunk.subarray(0, Math.min(MAX_PAYLOAD, stream.credit));
      if (piece.length === chunk.length) stream.held.shift();
      else stream.held[0] = chunk.subarray(piece.length);
      stream.credit -= piece.length;
      this.#wire.send(encodeFrame("data", stream.id, piece));
    }
    if (stream.held.length > 0) {
      stream.socket.pause();
    } else if (stream.localEnded) {
      if (stream.endSent) return;
      stream.endSent = true;
      this.#wire.send(encodeFrame("end", stream.id));
      this.#closeWhenDone(stream);
    } else {
      stream.socket.resume();
    }
  }

  #deliver(stream: Stream, payload: Uint8Array): void {
    stream.unwritten += payload.length;
    // A sender that ignores its window would fill memory here.
    if (stream.remoteEnded || stream.unwritten > 2 * WINDOW) return this.#abort(stream);
    stream.socket.write(payload, (failed) => {
      stream.unwritten -= payload.length;
      stream.owed += payload.length;
      const gone = failed !== undefined && failed !== null;
      if (gone || stream.owed < WINDOW / 4 || this.#streams.get(stream.id) !== stream) return;
      this.#wire.send(encodeFrame("credit", stream.id, String(stream.owed)));
      stream.owed = 0;
    });
  }

  #grant(stream: Stream, payload: Uint8Array): void {
    const bytes = Number(Buffer.from(payload).toString("latin1"));
    if (!Number.isSafeInteger(bytes) || bytes < 1 || stream.credit + bytes > WINDOW) return this.#abort(stream);
    stream.credit += bytes;
    this.#pump(stream);
  }

  #finish(stream: Stream): void {
    stream.remoteEnded = true;
    stream.socket.end();
    this.#closeWhenDone(stream);
  }

  #closeWhenDone(stream: Stream): void {
    if (stream.endSent && stream.remoteEnded) this.#streams.delete(stream.id);
  }

  #abort(stream: Stream): void {
    if (this.#streams.get(stream.id) !== stream) return;
    this.#wire.send(encodeFrame("reset", stream.id));
    this.#forget(stream);
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream.id);
    stream.held = [];
    stream.socket.destroy();
  }
}
