/** What the GPT code needs of a disk: bytes at an offset, and a way to be sure that they arrived. */
export type BlockDevice = {
  /** Logical sector size in bytes, 512 or 4096. */
  readonly sectorSize: number;
  /** Size in bytes, a multiple of the sector size. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`. Throws `Fault("read-failed")`, also for a range that ends past the device. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  /** Writes all of `bytes`. Throws `Fault("write-failed")`, also for a range that ends past the device. */
  readonly write: (offset: number, bytes: Uint8Array) => Promise<void>;
  /** Returns when everything written has reached the medium. Throws `Fault("write-failed")`. */
  readonly flush: () => Promise<void>;
};

export type DeviceFault = "read-failed" | "write-failed" | "open-failed";

/** Why the range is not on a device of `size` bytes, or undefined when it is. */
export function outside(size: number, offset: number, length: number): string | undefined {
  const fits = Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && length <= size - offset;
  return fits ? undefined : `bytes ${offset} to ${offset + length} are not on a device of ${size} bytes`;
}
