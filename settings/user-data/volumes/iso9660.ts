/**
 * ISO 9660 (ECMA-119), as far as user data needs it: label and root folder, with the long names of Joliet or Rock Ridge
 * (SUSP, RRIP) where there are any. Read here and not by the kernel: what somebody put into a drive is then parsed by
 * code that cannot overrun, with no right to mount anything.
 */
import { Fault } from "../../../base/result.ts";
import type { ByteSource, ReadVolume, Volume, VolumeFile } from "./source.ts";

const SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
const MAX_DESCRIPTORS = 32;
const PRIMARY = 1;
const SUPPLEMENTARY = 2;
const TERMINATOR = 255;
/** A root folder of user data has a handful of files. */
const MAX_FOLDER = 256 * 1024;
const FLAG_FOLDER = 0x02;
const FLAG_MULTI_EXTENT = 0x80;

type Descriptor = { readonly kind: number; readonly bytes: DataView; readonly joliet: boolean };

export const readIso9660: ReadVolume = async (source) => {
  const descriptors = await readDescriptors(source);
  const primary = descriptors.find(({ kind }) => kind === PRIMARY);
  if (primary === undefined) return undefined;
  const joliet = descriptors.find((each) => each.joliet);
  return readRoot(source, primary, joliet);
};

async function readDescriptors(source: ByteSource): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (let at = 0; at < MAX_DESCRIPTORS; at++) {
    const bytes = await source.read((FIRST_DESCRIPTOR + at) * SECTOR, SECTOR);
    if (bytes.length < SECTOR || latin1(bytes.subarray(1, 6)) !== "CD001") return found;
    const kind = bytes[0] ?? TERMINATOR;
    if (kind === TERMINATOR) return found;
    // The escape sequences of UCS-2 mark Joliet's descriptor.
    const joliet = kind === SUPPLEMENTARY && /^%\/[@CE]/.test(latin1(bytes.subarray(88, 91)));
    found.push({ kind, bytes: viewOf(bytes), joliet });
  }
  return found;
}

async function readRoot(source: ByteSource, primary: Descriptor, joliet: Descriptor | undefined): Promise<Volume> {
  const label = latin1(bytesOf(primary.bytes, 40, 32)).trimEnd();
  const plain = await readFolder(source, primary, false);
  // Rock Ridge names are exact; without them Joliet's are taken, and the short ones last.
  if (plain.some(({ exact }) => exact) || joliet === undefined) return { label, files: plain };
  return { label, files: await readFolder(source, joliet, true) };
}

type FoundFile = VolumeFile & { readonly exact: boolean };

async function readFolder(source: ByteSource, descriptor: Descriptor, wide: boolean): Promise<readonly FoundFile[]> {
  const blockSize = descriptor.bytes.getUint16(128, true);
  const root = 156;
  const start = descriptor.bytes.getUint32(root + 2, true) * blockSize;
  const size = descriptor.bytes.getUint32(root + 10, true);
  if (blockSize === 0 || size > MAX_FOLDER) throw malformed(`its root folder has ${size} bytes`);
  const folder = viewOf(await source.read(start, size));
  if (folder.byteLength < size) throw malformed("it ends before its root folder does");
  const files: FoundFile[] = [];
  for (let at = 0; at < size;) {
    const length = folder.getUint8(at);
    if (length === 0) {
      at = (Math.floor(at / SECTOR) + 1) * SECTOR; // records do not cross sectors
      continue;
    }
    if (length < 34 || at + length > size) throw malformed("a record of its root folder is cut off");
    const file = fileOf(source, new DataView(folder.buffer, folder.byteOffset + at, length), { blockSize, wide });
    if (file !== undefined) files.push(file);
    at += length;
  }
  return files;
}

function fileOf(
  source: ByteSource,
  record: DataView,
  { blockSize, wide }: { readonly blockSize: number; readonly wide: boolean },
): FoundFile | undefined {
  const flags = record.getUint8(25);
  if ((flags & FLAG_FOLDER) !== 0) return undefined;
  const nameLength = record.getUint8(32);
  if (33 + nameLength > record.byteLength) throw malformed("a name in its root folder is cut off");
  const raw = bytesOf(record, 33, nameLength);
  const start = record.getUint32(2, true) * blockSize;
  const size = record.getUint32(10, true);
  const rock = wide ? undefined : rockRidgeName(record, 33 + nameLength + ((nameLength + 1) % 2));
  const name = rock ?? plainName(wide ? new TextDecoder("utf-16be").decode(raw) : latin1(raw).toLowerCase());
  const read = async (): Promise<Uint8Array> => {
    if ((flags & FLAG_MULTI_EXTENT) !== 0) throw malformed(`"${name}" lies in several pieces`);
    const bytes = await source.read(start, size);
    if (bytes.length < size) throw malformed(`it ends before "${name}" does`);
    return bytes;
  };
  return { name, size, read, exact: rock !== undefined };
}

/** The version behind `;` and a dot without extension are not part of a name. */
function plainName(text: string): string {
  return text.replace(/;\d+$/, "").replace(/\.$/, "");
}

/** The NM entry of the system use area (RRIP 4.1.4), where there is one that is whole in the record. */
function rockRidgeName(record: DataView, from: number): string | undefined {
  for (let at = from; at + 4 <= record.byteLength;) {
    const length = record.getUint8(at + 2);
    if (length < 4 || at + length > record.byteLength) return undefined;
    if (record.getUint16(at) === 0x4e4d && length > 5) return latin1(bytesOf(record, at + 5, length - 5));
    at += length;
  }
  return undefined;
}

function bytesOf(view: DataView, offset: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function malformed(why: string): Fault<"malformed"> {
  return new Fault("malformed", `Cannot read the volume: ${why}`);
}
