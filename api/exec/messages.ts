/**
 * What the two ends of an exec session say to each other beside the bytes (contracts section 5.5): JSON in text messages,
 * each tagged by its name. Pure.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

/** Messages of input that may be on their way, at most. */
export const MAX_OUTSTANDING = 1024;
/** The server says how far it is each time that it has written so many. */
export const REPORT_EVERY = 128;
/** Bytes of input or output in one message, at most. */
export const PIECE: number = 4096;

export type Size = { readonly rows: number; readonly cols: number };

export type Initialize = {
  /** Words of the command, which need not be text for everybody. None: only whether the target runs is asked. */
  readonly command: readonly Uint8Array[];
  readonly target: string;
  /** The terminal that is wanted; undefined: none. */
  readonly tty: { readonly size: Size | undefined } | undefined;
};

export type ClientMessage =
  | { readonly kind: "initialize"; readonly initialize: Initialize }
  | { readonly kind: "content-complete" }
  | { readonly kind: "winch"; readonly size: Size };

export type Capacity = { readonly maxOutstanding: number; readonly written: number };

type Json = Readonly<Record<string, unknown>>;

export function encodeClientMessage(message: ClientMessage): string {
  if (message.kind === "content-complete") return JSON.stringify("ContentComplete");
  if (message.kind === "winch") return JSON.stringify({ Winch: message.size });
  const { command, target, tty } = message.initialize;
  const words = command.map((word) => ({ Unix: [...word] }));
  return JSON.stringify({
    Initialize: { command: words, target, tty: tty === undefined ? null : { size: tty.size ?? null } },
  });
}

export function decodeClientMessage(text: Uint8Array): Result<ClientMessage, "bad-message"> {
  const value = parse(text);
  if (value === "ContentComplete") return ok({ kind: "content-complete" });
  const [name, content] = tagOf(value);
  if (name === "Winch") {
    const size = sizeOf(content);
    return size === undefined ? bad("the size of the window is none") : ok({ kind: "winch", size });
  }
  if (name !== "Initialize" || !isObject(content)) return bad("it is none that is known");
  return readInitialize(content);
}

function readInitialize({ command, target, tty }: Json): Result<ClientMessage, "bad-message"> {
  if (typeof target !== "string" || target === "") return bad("it names no target");
  const words = Array.isArray(command) ? command.map(wordOf) : [];
  const known = words.filter((word) => word !== undefined);
  if (!Array.isArray(command) || known.length < words.length) return bad("its command is not a list of words");
  if (tty === null || tty === undefined) {
    return ok({ kind: "initialize", initialize: { command: known, target, tty: undefined } });
  }
  if (!isObject(tty)) return bad("its terminal is none");
  const given = tty["size"];
  const size = given === null || given === undefined ? undefined : sizeOf(given);
  if (size === undefined && given !== null && given !== undefined) return bad("the size of its terminal is none");
  return ok({ kind: "initialize", initialize: { command: known, target, tty: { size } } });
}

export function encodeCapacity({ maxOutstanding, written }: Capacity): string {
  return JSON.stringify({ Capacity: { max_messages_outstanding: maxOutstanding, messages_written: written } });
}

/** Undefined for a message that is none of ours: a later server may say more. */
export function decodeCapacity(text: Uint8Array): Capacity | undefined {
  const [name, content] = tagOf(parse(text));
  if (name !== "Capacity" || !isObject(content)) return undefined;
  const { max_messages_outstanding: maxOutstanding, messages_written: written } = content;
  if (typeof maxOutstanding !== "number" || typeof written !== "number") return undefined;
  return { maxOutstanding, written };
}

function wordOf(value: unknown): Uint8Array | undefined {
  const bytes = isObject(value) ? value["Unix"] : undefined;
  if (!Array.isArray(bytes)) return undefined;
  const checked = bytes.filter((byte) => Number.isInteger(byte) && byte > 0 && byte < 256);
  return checked.length === bytes.length ? Uint8Array.from(checked) : undefined;
}

function sizeOf(value: unknown): Size | undefined {
  if (!isObject(value)) return undefined;
  const { rows, cols } = value;
  return isShort(rows) && isShort(cols) ? { rows, cols } : undefined;
}

function isShort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 65_536;
}

/** The one name of an object, and what it holds. */
function tagOf(value: unknown): readonly [string, unknown] {
  const entries = isObject(value) ? Object.entries(value) : [];
  return entries.length === 1 ? (entries[0] ?? ["", undefined]) : ["", undefined];
}

function parse(text: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text).toString("utf8"));
    return value;
  } catch {
    return undefined; // which is no message either
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(why: string): Result<never, "bad-message"> {
  return fail(new Fault("bad-message", `Cannot read a message: ${why}`));
}
