/** The body of a request as it arrives: of a given length, or in chunks (RFC 9112 section 7.1). */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { Head } from "./head.ts";

export type BodyFault = "bad-head" | "too-large";

/** How a body is framed; undefined: there is none. */
export type Framing = { readonly length: number } | "chunked" | undefined;

/** Longest line that says how large a chunk is; what follows the size is for nobody here. */
const MAX_CHUNK_LINE = 256;

/** Throws nothing: a frame that is not plain is a fault, since guessing would mix up requests. */
export function framingOf(headers: Head["headers"], limit: number): Result<Framing, BodyFault> {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (length !== undefined) return bad("it has a length and a transfer coding");
    return coding.toLowerCase() === "chunked" ? ok("chunked") : bad(`the transfer coding "${coding}" is not known`);
  }
  if (length === undefined) return ok(undefined);
  if (!/^\d{1,15}$/.test(length)) return bad("the length of the body is not a number");
  const bytes = Number(length);
  if (bytes > limit) return tooLarge(limit);
  return ok(bytes === 0 ? undefined : { length: bytes });
}

/** Takes bytes until the body is whole. */
export class BodyReader {
  readonly #pieces: Uint8Array[] = [];
  readonly #limit: number;
  /** Bytes still to come of the body, or of the present chunk; undefined between chunks. */
  #due: number | undefined;
  readonly #chunked: boolean;
  #line: Buffer = Buffer.alloc(0);
  #state: "size" | "data" | "data-end" | "trailer" = "size";
  #size = 0;

  constructor(framing: Exclude<Framing, undefined>, limit: number) {
    this.#limit = limit;
    this.#chunked = framing === "chunked";
    this.#due = framing === "chunked" ? undefined : framing.length;
    if (!this.#chunked) this.#state = "data";
  }

  /** Bytes held so far. */
  get size(): number {
    return this.#size;
  }

  bytes(): Uint8Array {
    const [first] = this.#pieces;
    return this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
  }

  /** What is left over once the body is whole; undefined while more is to come. */
  push(chunk: Buffer): Result<Buffer | undefined, BodyFault> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#state === "data") {
        rest = this.#take(rest);
        if (this.#due !== 0) return ok(undefined);
        if (!this.#chunked) return ok(rest);
        this.#state = "data-end";
        continue;
      }
      const line = this.#readLine(rest);
      if (!line.ok) return line;
      if (line.value === undefined) return ok(undefined);
      rest = line.value.rest;
      const done = this.#handleLine(line.value.text);
      if (!done.ok) return done;
      if (done.value) return ok(rest);
    }
    return ok(undefined);
  }

  #take(rest: Buffer): Buffer {
    const piece = rest.subarray(0, this.#due);
    this.#pieces.push(piece);
    this.#size += piece.length;
    this.#due = (this.#due ?? 0) - piece.length;
    return rest.subarray(piece.length);
  }

  #readLine(rest: Buffer): Result<{ text: string; rest: Buffer } | undefined, BodyFault> {
    const end = rest.indexOf("\n");
    const part = end === -1 ? rest : rest.subarray(0, end + 1);
    this.#line = Buffer.concat([this.#line, part]);
    if (this.#line.length > MAX_CHUNK_LINE) return bad("a line between chunks is too long");
    if (end === -1) return ok(undefined);
    const text = this.#line.toString("latin1");
    this.#line = Buffer.alloc(0);
    if (!text.endsWith("\r\n")) return bad("a line between chunks does not end as it should");
    return ok({ text: text.slice(0, -2), rest: rest.subarray(end + 1) });
  }

  /** True when the body is whole. */
  #handleLine(text: string): Result<boolean, BodyFault> {
    if (this.#state === "trailer") return ok(text === "");
    if (this.#state === "data-end") {
      if (text !== "") return bad("a chunk is longer than it says");
      this.#state = "size";
      return ok(false);
    }
    const size = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(text)?.[1];
    if (size === undefined) return bad("a chunk does not say how long it is");
    const bytes = Number.parseInt(size, 16);
    if (this.#size + bytes > this.#limit) return tooLarge(this.#limit);
    this.#due = bytes;
    this.#state = bytes === 0 ? "trailer" : "data";
    return ok(false);
  }
}

function bad(why: string): Result<never, BodyFault> {
  return fail(new Fault("bad-head", `Cannot read the request: ${why}`));
}

function tooLarge(limit: number): Result<never, BodyFault> {
  return fail(new Fault("too-large", `Cannot take the body: it is larger than ${limit} bytes`));
}
