/** Bytes of a volume by their place: a block device, or a file in tests. */
import { open, type FileHandle } from "node:fs/promises";

export type ByteSource = {
  /** Exactly `length` bytes; fewer where the source ends. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
};

/** A file or device, open until disposed. */
export class FileSource implements ByteSource, AsyncDisposable {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<FileSource> {
    return new FileSource(await open(path, "r"));
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.alloc(length);
    let size = 0;
    while (size < length) {
      const { bytesRead } = await this.#file.read(buffer, size, length - size, offset + size);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return buffer.subarray(0, size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** A file of a volume's root folder. */
export type VolumeFile = {
  readonly name: string;
  readonly size: number;
  readonly read: () => Promise<Uint8Array>;
};

/** What user data needs of a volume: its label, and the files of its root folder. */
export type Volume = { readonly label: string; readonly files: readonly VolumeFile[] };

/** Reads a volume of one kind; undefined when it is not of that kind. Throws `Fault("malformed")` for a broken one. */
export type ReadVolume = (source: ByteSource) => Promise<Volume | undefined>;
