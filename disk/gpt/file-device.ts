/**
 * A disk image file or a block device node as a `BlockDevice`, through an ordinary file descriptor. Writes go through
 * the page cache and are made durable by `flush` (fsync), which for a block device also empties the drive's cache.
 */
import { constants } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { Fault } from "../../base/result.ts";
import { type BlockDevice, outside } from "./device.ts";

export type OpenOptions = {
  /** Default false. */
  readonly writable?: boolean;
  /** Default: what the kernel says of a block device; for an image, where a GPT header is found, otherwise 512. */
  readonly sectorSize?: number;
  /** Where sysfs is; default `/sys`. */
  readonly sys?: string;
};

export class FileDevice implements BlockDevice, AsyncDisposable {
  readonly sectorSize: number;
  readonly size: number;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, geometry: Geometry) {
    this.#path = path;
    this.#file = file;
    this.sectorSize = geometry.sectorSize;
    this.size = geometry.size;
  }

  /** Opens `path` and finds out its size. Throws `Fault("open-failed")`. */
  static async open(path: string, options: OpenOptions = {}): Promise<FileDevice> {
    let file: FileHandle | undefined;
    try {
      // Never created, never truncated; the device may be in use by mounted partitions, so not exclusive.
      file = await open(path, options.writable === true ? constants.O_RDWR : constants.O_RDONLY);
      return new FileDevice(path, file, await geometryOf(file, options));
    } catch (cause) {
      await file?.close();
      throw Fault.from("open-failed", `Cannot open disk "${path}"`, cause, { path });
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await this.#transfer("read", offset, length, async (done) => {
      const { bytesRead } = await this.#file.read(bytes, done, length - done, offset + done);
      return bytesRead;
    });
    return bytes;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#transfer("write", offset, bytes.length, async (done) => {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, offset + done);
      return bytesWritten;
    });
  }

  async flush(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw Fault.from("write-failed", `Cannot flush "${this.#path}"`, cause, { path: this.#path });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #transfer(
    verb: "read" | "write",
    offset: number,
    length: number,
    step: (done: number) => Promise<number>,
  ): Promise<void> {
    const action = `Cannot ${verb} "${this.#path}" at byte ${offset}`;
    const details = { path: this.#path, offset, length };
    const wrong = outside(this.size, offset, length);
    if (wrong !== undefined) throw new Fault(`${verb}-failed`, `${action}: ${wrong}`, details);
    let done = 0;
    while (done < length) {
      let moved: number;
      try {
        moved = await step(done);
      } catch (cause) {
        throw Fault.from(`${verb}-failed`, action, cause, details);
      }
      if (moved === 0) throw new Fault(`${verb}-failed`, `${action}: ended after ${done} of ${length} bytes`, details);
      done += moved;
    }
  }
}

type Geometry = { readonly sectorSize: number; readonly size: number };

async function geometryOf(file: FileHandle, options: OpenOptions): Promise<Geometry> {
  const stat = await file.stat({ bigint: true });
  let size = Number(stat.size);
  let sectorSize = options.sectorSize;
  if (stat.isBlockDevice()) {
    const folder = `${options.sys ?? "/sys"}/dev/block/${deviceNumber(stat.rdev)}`;
    size = (await readNumber(`${folder}/size`)) * 512; // sysfs counts in 512 bytes whatever the sector size
    sectorSize ??= await readNumber(`${folder}/queue/logical_block_size`);
  } else if (!stat.isFile()) {
    throw new Error("not a block device or an image file");
  }
  sectorSize ??= await guessSectorSize(file, size);
  if (size % sectorSize !== 0) throw new Error(`its ${size} bytes are not whole sectors of ${sectorSize}`);
  return { sectorSize, size };
}

/** `MAJOR:MINOR` of a device number as stat(2) reports it (makedev(3)). */
export function deviceNumber(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xffff_f000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffff_ff00n);
  return `${major}:${minor}`;
}

async function guessSectorSize(file: FileHandle, size: number): Promise<number> {
  for (const sectorSize of [512, 4096]) {
    for (const offset of [sectorSize, size - sectorSize]) {
      const found = Buffer.alloc(8);
      if (offset >= 0) await file.read(found, 0, found.length, offset);
      if (found.toString("latin1") === "EFI PART") return sectorSize;
    }
  }
  return 512;
}

async function readNumber(path: string): Promise<number> {
  const text = (await readFile(path, "utf8")).trim();
  if (!/^[0-9]{1,15}$/.test(text)) throw new Error(`"${path}" holds no number`);
  return Number(text);
}
