/**
 * Frames of the control channel: one line each, `KIND STREAM PAYLOAD CHECKSUM\n`, payload in base64, checksum the
 * CRC-32 of what stands before it in hexadecimal. A line that was cut short, or that two hosts wrote halves of, fails
 * its checksum and is dropped, so a reader is in step again at the next newline.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type FrameKind = "hello" | "ready" | "lost" | "open" | "data" | "end" | "reset" | "credit";

export type Frame = {
  readonly kind: FrameKind;
  /** Number of the stream; 0 for frames about the session. */
  readonly stream: number;
  readonly payload: Uint8Array;
};

/** Bytes of payload in one frame, at most. */
export const MAX_PAYLOAD: number = 16 * 1024;
/** Bytes of one line, at most: base64 of the payload, the words around it, and some room. */
export const MAX_LINE: number = 24 * 1024;

const kinds: ReadonlySet<string> = new Set(["hello", "ready", "lost", "open", "data", "end", "reset", "credit"]);
const NEWLINE = 0x0a;
const nothing = new Uint8Array();

/** The bytes of one frame, newline included. Preconditions: the payload is no longer than MAX_PAYLOAD. */
export function encodeFrame(kind: FrameKind, stream: number, payload: Uint8Array | string = nothing): Uint8Array {
  const text = `${kind} ${stream} ${Buffer.from(payload).toString("base64")}`;
  return Buffer.from(`${text} ${checksum(text)}\n`, "latin1");
}

/** Reads one line without its newline. */
export function decodeFrame(line: Uint8Array): Result<Frame, "malformed"> {
  const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString("latin1");
  const end = text.lastIndexOf(" ");
  const words = text.slice(0, Math.max(end, 0)).split(" ");
  const [kind = "", stream = "", payload = ""] = words;
  if (words.length !== 3 || text.slice(end + 1) !== checksum(text.slice(0, end))) return malformed("checksum");
  if (!isKind(kind)) return malformed("kind");
  if (!/^(0|[1-9][0-9]{0,8})$/.test(stream)) return malformed("stream number");
  const bytes = Buffer.from(payload, "base64");
  if (bytes.length > MAX_PAYLOAD || bytes.toString("base64") !== payload) return malformed("payload");
  return ok({ kind, stream: Number(stream), payload: bytes });
}

/** Cuts a stream of bytes into lines; holds MAX_LINE bytes at most, and drops a longer line as a whole. */
export class LineReader {
  #held: Uint8Array[] = [];
  #size = 0;
  #tooLong = false;

  /** The lines that `chunk` completes, without newlines; empty ones are left out. */
  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = this.#take(chunk.subarray(from, at));
      if (line !== undefined && line.length > 0) lines.push(line);
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  #take(last: Uint8Array): Uint8Array | undefined {
    this.#keep(last);
    const line = this.#tooLong ? undefined : this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held);
    this.#held = [];
    this.#size = 0;
    this.#tooLong = false;
    return line;
  }

  #keep(piece: Uint8Array): void {
    this.#size += piece.length;
    if (this.#size > MAX_LINE) {
      this.#tooLong = true;
      this.#held = [];
    } else if (piece.length > 0) {
      this.#held.push(Uint8Array.from(piece));
    }
  }
}

function checksum(text: string): string {
  return Bun.hash.crc32(text).toString(16).padStart(8, "0");
}

function isKind(word: string): word is FrameKind {
  return kinds.has(word);
}

function malformed(what: string): Result<never, "malformed"> {
  return fail(new Fault("malformed", `Cannot read control frame: bad ${what}`));
}
