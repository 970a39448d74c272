/**
 * What an ELF file needs at run time, read from its dynamic section (System V ABI, chapter 5; 64-bit little-endian
 * only, which is every processor this project builds for). Bounds are checked: a file that lies is a fault.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";

export type ElfFault = "elf-malformed";

export type Elf = {
  /** Names of NEEDED libraries, in the file's order. */
  readonly needed: readonly string[];
  /** Whether it can be started by itself: it names an interpreter, or is not position independent. */
  readonly program: boolean;
};

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;

type Segment = { readonly type: number; readonly offset: number; readonly address: bigint; readonly size: number };

/** Whether `bytes` start like an ELF file. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Reads a whole ELF file; relocatable objects such as kernel modules come back with nothing needed. */
export function readElf(bytes: Uint8Array): Result<Elf, ElfFault> {
  try {
    return ok(decode(bytes));
  } catch (cause) {
    return fail(Fault.from("elf-malformed", "Cannot read an ELF file", cause));
  }
}

function decode(bytes: Uint8Array): Elf {
  if (!isElf(bytes) || bytes[4] !== 2 || bytes[5] !== 1) throw new RangeError("not a 64-bit little-endian ELF file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(16, true);
  const segments = programHeaders(view);
  const program = type === 2 || segments.some((segment) => segment.type === PT_INTERP);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (dynamic === undefined) return { needed: [], program };
  const names: number[] = [];
  let strings = 0n;
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    const tag = view.getBigUint64(at, true);
    const value = view.getBigUint64(at + 8, true);
    if (tag === 0n) break;
    if (tag === DT_NEEDED) names.push(Number(value));
    if (tag === DT_STRTAB) strings = value;
  }
  const table = fileOffset(segments, strings);
  return { needed: names.map((name) => readString(bytes, table + name)), program };
}

function programHeaders(view: DataView): readonly Segment[] {
  const start = Number(view.getBigUint64(32, true));
  const each = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * each;
    return {
      type: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      address: view.getBigUint64(at + 16, true),
      size: Number(view.getBigUint64(at + 32, true)),
    };
  });
}

function fileOffset(segments: readonly Segment[], address: bigint): number {
  const home = segments.find(
    (each) => each.type === PT_LOAD && address >= each.address && address < each.address + BigInt(each.size),
  );
  if (home === undefined) throw new RangeError(`address 0x${address.toString(16)} is in no loaded segment`);
  return home.offset + Number(address - home.address);
}

function readString(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start);
  if (start >= bytes.length || end === -1 || end - start > 255) throw new RangeError("a name without an end");
  return new TextDecoder().decode(bytes.subarray(start, end));
}
