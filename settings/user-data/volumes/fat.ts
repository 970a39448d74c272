/**
 * FAT12, FAT16 and FAT32 (Microsoft's FAT specification 1.03), as far as user data needs it: label and root folder with
 * long names. Read here and not by the kernel, for the same reason as ISO 9660.
 */
import { Fault } from "../../../base/result.ts";
import type { ByteSource, ReadVolume, VolumeFile } from "./source.ts";

const RECORD = 32;
const MAX_FOLDER = 256 * 1024;
/** Bytes of a file that are read at most; whoever asks for it has a smaller bound of their own. */
const MAX_FILE = 16 * 1024 * 1024;
const ATTRIBUTE = { folder: 0x10, label: 0x08, longName: 0x0f } as const;
const DELETED = 0xe5;
/** Cluster counts at which the kinds change. */
const FAT12_LIMIT = 4085;
const FAT16_LIMIT = 65525;

type Geometry = {
  readonly bits: 12 | 16 | 32;
  readonly sectorSize: number;
  readonly clusterSize: number;
  /** Offsets in bytes. */
  readonly fatAt: number;
  readonly fatSize: number;
  readonly rootAt: number;
  readonly rootSize: number;
  readonly dataAt: number;
  readonly clusters: number;
  /** First cluster of the root folder of FAT32; 0 for the others. */
  readonly rootCluster: number;
};

export const readFat: ReadVolume = async (source) => {
  const head = await source.read(0, 512);
  const geometry = readGeometry(head);
  if (geometry === undefined) return undefined;
  const { rootAt, rootSize, rootCluster } = geometry;
  const folder =
    rootCluster === 0
      ? await source.read(rootAt, rootSize)
      : await readChain(source, geometry, rootCluster, MAX_FOLDER);
  return readFolder(source, geometry, folder);
};

/** Undefined when the first sector is not that of a FAT volume. */
function readGeometry(head: Uint8Array): Geometry | undefined {
  if (head.length < 512) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint16(510, true) !== 0xaa55 || (head[0] !== 0xeb && head[0] !== 0xe9)) return undefined;
  const sectorSize = view.getUint16(11, true);
  const sectorsPerCluster = view.getUint8(13);
  const [reserved, fats, rootEntries] = [view.getUint16(14, true), view.getUint8(16), view.getUint16(17, true)];
  const sectors = view.getUint16(19, true) || view.getUint32(32, true);
  const fatSectors = view.getUint16(22, true) || view.getUint32(36, true);
  if (![512, 1024, 2048, 4096].includes(sectorSize) || !isPowerOfTwo(sectorsPerCluster)) return undefined;
  if (reserved === 0 || fats === 0 || fats > 4 || fatSectors === 0) return undefined;
  const rootAt = (reserved + fats * fatSectors) * sectorSize;
  const rootSize = rootEntries * RECORD;
  const dataAt = rootAt + Math.ceil(rootSize / sectorSize) * sectorSize;
  const clusterSize = sectorsPerCluster * sectorSize;
  const clusters = Math.floor((sectors * sectorSize - dataAt) / clusterSize);
  if (clusters <= 0) return undefined;
  const bits = clusters < FAT12_LIMIT ? 12 : clusters < FAT16_LIMIT ? 16 : 32;
  const rootCluster = bits === 32 ? view.getUint32(44, true) : 0;
  const fatSize = fatSectors * sectorSize;
  return {
    bits,
    sectorSize,
    clusterSize,
    fatAt: reserved * sectorSize,
    fatSize,
    rootAt,
    rootSize,
    dataAt,
    clusters,
    rootCluster,
  };
}

/** The bytes of a chain of clusters, `limit` at most. A chain that runs in a circle ends there as well. */
async function readChain(source: ByteSource, geometry: Geometry, start: number, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let cluster = start; cluster >= 2 && size < limit; cluster = await nextCluster(source, geometry, cluster)) {
    if (cluster - 2 >= geometry.clusters) throw malformed("a chain of clusters leads out of it");
    const piece = await source.read(geometry.dataAt + (cluster - 2) * geometry.clusterSize, geometry.clusterSize);
    if (piece.length < geometry.clusterSize) throw malformed("it ends within a cluster");
    pieces.push(piece);
    size += piece.length;
  }
  return Buffer.concat(pieces).subarray(0, limit);
}

/** 0 at the end of the chain. */
async function nextCluster(source: ByteSource, { bits, fatAt, fatSize }: Geometry, cluster: number): Promise<number> {
  const offset = bits === 12 ? cluster + Math.floor(cluster / 2) : cluster * (bits / 8);
  const length = bits === 32 ? 4 : 2;
  if (offset + length > fatSize) throw malformed("its table ends before a cluster");
  const bytes = await source.read(fatAt + offset, length);
  if (bytes.length < length) throw malformed("it ends within its table");
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const raw = bits === 32 ? view.getUint32(0, true) & 0x0fffffff : view.getUint16(0, true);
  const entry = bits === 12 ? (cluster % 2 === 0 ? raw & 0xfff : raw >> 4) : raw;
  const end = { 12: 0xff7, 16: 0xfff7, 32: 0x0ffffff7 }[bits];
  return entry >= end ? 0 : entry;
}

function readFolder(
  source: ByteSource,
  geometry: Geometry,
  folder: Uint8Array,
): { readonly label: string; readonly files: readonly VolumeFile[] } {
  const view = new DataView(folder.buffer, folder.byteOffset, folder.byteLength);
  const files: VolumeFile[] = [];
  let label = "";
  let long: string[] = [];
  for (let at = 0; at + RECORD <= folder.length && view.getUint8(at) !== 0; at += RECORD) {
    const attributes = view.getUint8(at + 11);
    if (view.getUint8(at) === DELETED) {
      long = [];
    } else if (attributes === ATTRIBUTE.longName) {
      long.unshift(longPart(view, at));
    } else {
      const name = long.length > 0 ? long.join("") : shortName(view, at);
      long = [];
      if ((attributes & ATTRIBUTE.label) !== 0) label = ascii(folder.subarray(at, at + 11)).trimEnd();
      else if ((attributes & ATTRIBUTE.folder) === 0) files.push(fileOf(source, geometry, view, { at, name }));
    }
  }
  return { label, files };
}

function fileOf(
  source: ByteSource,
  geometry: Geometry,
  view: DataView,
  { at, name }: { readonly at: number; readonly name: string },
): VolumeFile {
  const start = (geometry.bits === 32 ? view.getUint16(at + 20, true) << 16 : 0) + view.getUint16(at + 26, true);
  const size = view.getUint32(at + 28, true);
  const read = async (): Promise<Uint8Array> => {
    if (size > MAX_FILE) throw malformed(`"${name}" has ${size} bytes`);
    const bytes = size === 0 ? new Uint8Array() : await readChain(source, geometry, start, size);
    if (bytes.length < size) throw malformed(`it ends before "${name}" does`);
    return bytes;
  };
  return { name, size, read };
}

/** Thirteen letters of a long name in UTF-16, ended by a zero where it is shorter. */
function longPart(view: DataView, at: number): string {
  const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
  const letters = places.map((place) => view.getUint16(at + place, true));
  const end = letters.indexOf(0);
  return String.fromCharCode(...(end === -1 ? letters : letters.slice(0, end)));
}

function shortName(view: DataView, at: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, 11);
  const [base, extension] = [ascii(bytes.subarray(0, 8)).trimEnd(), ascii(bytes.subarray(8)).trimEnd()];
  return (extension === "" ? base : `${base}.${extension}`).toLowerCase();
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function isPowerOfTwo(number: number): boolean {
  return number > 0 && (number & (number - 1)) === 0;
}

function malformed(why: string): Fault<"malformed"> {
  return new Fault("malformed", `Cannot read the volume: ${why}`);
}
