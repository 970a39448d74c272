/**
 * Frames of a WebSocket (RFC 6455 section 5), as bytes and back. Pure. Extensions are not spoken: their bits are
 * refused. Putting fragments together is not done here.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type FrameKind = "continuation" | "text" | "binary" | "close" | "ping" | "pong";

export type Frame = {
  readonly kind: FrameKind;
  /** Whether it ends its message. */
  readonly final: boolean;
  readonly payload: Uint8Array;
};

export type FrameFault = "malformed" | "too-large";

/** The masking key of a client's frame: four bytes. */
export type Mask = Uint8Array;

const OPCODES: Readonly<Record<FrameKind, number>> = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
};
const KINDS: ReadonlyMap<number, FrameKind> = new Map([
  [OPCODES.continuation, "continuation"],
  [OPCODES.text, "text"],
  [OPCODES.binary, "binary"],
  [OPCODES.close, "close"],
  [OPCODES.ping, "ping"],
  [OPCODES.pong, "pong"],
]);

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
/** Payload bytes of a control frame, at most. */
export const MAX_CONTROL = 125;
/** The longest head: two bytes, eight of length, four of mask. */
const MAX_HEAD = 14;
const NOTHING: Uint8Array = new Uint8Array(0);

/** One whole message as one frame; with a mask, as a client has to send it. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array = NOTHING, mask?: Mask): Uint8Array {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + extra + (mask === undefined ? 0 : 4);
  const bytes = Buffer.allocUnsafe(start + length);
  bytes[0] = FINAL | OPCODES[kind];
  bytes[1] = (mask === undefined ? 0 : MASKED) | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) bytes.writeUInt16BE(length, 2);
  if (extra === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.set(payload, start);
  if (mask === undefined) return bytes;
  bytes.set(mask, start - 4);
  applyMask(bytes.subarray(start), mask);
  return bytes;
}

/** Masks, or takes the mask off, in place (section 5.3). */
function applyMask(bytes: Uint8Array, mask: Mask): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (mask[at & 3] ?? 0);
}

export type ReaderOptions = {
  /** Whether frames must be masked, as a client's are, or must not be. */
  readonly masked: boolean;
  /** Payload bytes of one frame, at most. */
  readonly maxPayload: number;
};

type Head = { readonly kind: FrameKind; readonly final: boolean; readonly start: number; readonly length: number };

/** Cuts bytes into frames. Holds less than one frame of `maxPayload`; after a fault it is of no further use. */
export class FrameReader {
  readonly #options: ReaderOptions;
  #held: Buffer[] = [];
  #size = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Takes bytes; `next` gives the frames in them. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#held.push(Buffer.from(chunk));
    this.#size += chunk.length;
  }

  /** The next frame; undefined until more bytes have come. */
  next(): Result<Frame | undefined, FrameFault> {
    const read = readHead(this.#peek(MAX_HEAD), this.#options);
    if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read;
    const { kind, final, start, length } = read.value;
    if (this.#size < start + length) return ok(undefined);
    const whole = this.#take(start + length);
    const payload = whole.subarray(start);
    if (this.#options.masked) applyMask(payload, Uint8Array.from(whole.subarray(start - 4, start)));
    return ok({ kind, final, payload });
  }

  /** The first bytes, up to `count`, left where they are. */
  #peek(count: number): Buffer {
    const [first] = this.#held;
    if (first === undefined || first.length >= count || this.#held.length === 1) return first ?? Buffer.alloc(0);
    this.#held = [Buffer.concat(this.#held)];
    return this.#held[0] ?? first;
  }

  #take(count: number): Buffer {
    const all = this.#held.length === 1 ? this.#held[0] : undefined;
    const bytes = all ?? Buffer.concat(this.#held);
    this.#held = bytes.length === count ? [] : [bytes.subarray(count)];
    this.#size -= count;
    return bytes.subarray(0, count);
  }
}

/** Reads what stands before the payload; undefined when it is not all there. */
function readHead(bytes: Buffer, { masked, maxPayload }: ReaderOptions): Result<Head | undefined, FrameFault> {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return ok(undefined);
  const kind = KINDS.get(first & 0x0f);
  if (kind === undefined || (first & RESERVED) !== 0) return malformed("its kind is not known");
  if (((second & MASKED) !== 0) !== masked) return malformed(masked ? "it is not masked" : "it is masked");
  const final = (first & FINAL) !== 0;
  const short = second & 0x7f;
  if (isControl(kind) && (!final || short > MAX_CONTROL)) return malformed("a control frame is in pieces, or too long");
  const extra = short < 126 ? 0 : short === 126 ? 2 : 8;
  const start = 2 + extra + (masked ? 4 : 0);
  if (bytes.length < start) return ok(undefined);
  const length = extra === 0 ? BigInt(short) : extra === 2 ? BigInt(bytes.readUInt16BE(2)) : bytes.readBigUInt64BE(2);
  // Section 5.2: the shortest way to write a length is the only one.
  if ((extra === 2 && length < 126n) || (extra === 8 && length < 65_536n)) return malformed("its length is padded");
  if (length > BigInt(maxPayload)) {
    return fail(new Fault("too-large", `Cannot take a frame of ${length} bytes: ${maxPayload} are the most`));
  }
  return ok({ kind, final, start, length: Number(length) });
}

function isControl(kind: FrameKind): boolean {
  return OPCODES[kind] >= OPCODES.close;
}

function malformed(why: string): Result<never, FrameFault> {
  return fail(new Fault("malformed", `Cannot read a frame: ${why}`));
}
