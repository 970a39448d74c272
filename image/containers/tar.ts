/**
 * A layer as a tar archive (POSIX.1-2017 pax interchange format, as the OCI image specification wants it): entries in the
 * order of their paths, one time stamp, numbers in place of names of owners, so that equal layers make equal bytes.
 */
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { Fault } from "../../base/result.ts";
import { SOURCE_DATE_EPOCH } from "../sandbox.ts";
import type { Entry, Layer } from "./entry.ts";

const BLOCK = 512;
/** Bytes of a name that a header has place for. */
const NAME = 100;
const TYPES = { file: "0", link: "2", folder: "5", extended: "x" } as const;

/** Writes the archive to `path` and calls `onBytes` with every piece of it. */
export async function writeTar(path: string, layer: Layer, onBytes: (bytes: Uint8Array) => void): Promise<void> {
  const stream = createWriteStream(path, { mode: 0o644 });
  const failed = new Promise<never>((_, reject) => {
    stream.on("error", (cause) => reject(Fault.from("write-failed", `Cannot write "${path}"`, cause)));
  });
  const write = (bytes: Uint8Array): Promise<void> => {
    onBytes(bytes);
    const taken = new Promise<void>((resolve) => void stream.write(bytes, () => resolve()));
    return Promise.race([taken, failed]);
  };
  for (const entry of layer.values()) {
    for (const piece of await encodeEntry(entry)) await write(piece);
  }
  await write(Buffer.alloc(2 * BLOCK));
  await Promise.race([new Promise<void>((resolve) => void stream.end(resolve)), failed]);
}

/** Header, content and filling of one entry; a longer name goes before it in a header of its own. */
export async function encodeEntry(entry: Entry): Promise<readonly Uint8Array[]> {
  const name = entry.kind === "folder" ? `${entry.path}/` : entry.path;
  const target = entry.kind === "link" ? entry.target : "";
  const content = entry.kind === "file" ? await contentOf(entry.from) : new Uint8Array();
  const records = [record("path", name), record("linkpath", target)].filter((each) => each !== "").join("");
  const pieces = [header({ ...entry, name, target, type: TYPES[entry.kind], size: content.length }), ...fill(content)];
  if (records === "") return pieces;
  const bytes = Buffer.from(records);
  const plain = { name: "PaxHeaders/long-name", target: "", mode: 0o644, uid: 0, gid: 0 };
  return [header({ ...plain, type: TYPES.extended, size: bytes.length }), ...fill(bytes), ...pieces];
}

async function contentOf(from: string | Uint8Array): Promise<Uint8Array> {
  return typeof from === "string" ? readFile(from) : from;
}

/** A pax record: its own length in decimal digits, the length of those digits included. */
function record(key: string, value: string): string {
  if (Buffer.byteLength(value) <= NAME) return "";
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (`${length}`.length + Buffer.byteLength(rest) !== length) length = `${length}`.length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

type Header = {
  readonly name: string;
  readonly target: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
};

function header({ name, target, type, mode, uid, gid, size }: Header): Uint8Array {
  const bytes = Buffer.alloc(BLOCK);
  bytes.write(name, 0, NAME, "utf8");
  bytes.write(octal(mode, 8), 100, "latin1");
  bytes.write(octal(uid, 8), 108, "latin1");
  bytes.write(octal(gid, 8), 116, "latin1");
  bytes.write(octal(size, 12), 124, "latin1");
  bytes.write(octal(type === TYPES.extended ? 0 : SOURCE_DATE_EPOCH, 12), 136, "latin1");
  bytes.write(" ".repeat(8), 148, "latin1"); // the sum counts its own field as blanks
  bytes.write(type, 156, "latin1");
  bytes.write(target, 157, NAME, "utf8");
  bytes.write("ustar\x0000", 257, "latin1");
  const sum = bytes.reduce((all, byte) => all + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

function octal(value: number, width: number): string {
  const digits = value.toString(8).padStart(width - 1, "0");
  if (digits.length < width) return `${digits}\0`;
  throw new Fault("too-large", `Cannot write ${value} in ${width - 1} octal digits`);
}

function fill(content: Uint8Array): readonly Uint8Array[] {
  if (content.length === 0) return [];
  const over = content.length % BLOCK;
  return over === 0 ? [content] : [content, Buffer.alloc(BLOCK - over)];
}
