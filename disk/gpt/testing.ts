/** For tests here and elsewhere: a disk in memory, and generators of tables. Not used by programs. */
import * as fc from "fast-check";
import { Fault, orThrow } from "../../base/result.ts";
import type { BootFlags } from "./attributes.ts";
import { type BlockDevice, outside } from "./device.ts";
import { type Guid, guid, ZERO_GUID } from "./guid.ts";
import { entriesSectors } from "./header.ts";
import { planTable } from "./plan.ts";
import type { Table } from "./table.ts";

export class MemoryDevice implements BlockDevice {
  readonly sectorSize: number;
  readonly bytes: Uint8Array;
  /** What was done, in order: `write OFFSET LENGTH`, `flush`. */
  readonly done: string[] = [];
  /** Sectors that cannot be read, as a failing drive has them. */
  readonly unreadable: Set<number> = new Set();
  /** Bytes that are still written before the power fails; from then on writes and flushes are faults. */
  power: number = Number.POSITIVE_INFINITY;

  constructor(size: number, sectorSize = 512) {
    this.sectorSize = sectorSize;
    this.bytes = new Uint8Array(size);
  }

  get size(): number {
    return this.bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wrong = outside(this.size, offset, length);
    if (wrong !== undefined) throw new Fault("read-failed", `Cannot read: ${wrong}`);
    for (let at = Math.floor(offset / this.sectorSize); at * this.sectorSize < offset + length; at += 1) {
      if (this.unreadable.has(at)) throw new Fault("read-failed", `Cannot read: sector ${at} is bad`);
    }
    return this.bytes.slice(offset, offset + length);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const wrong = outside(this.size, offset, bytes.length);
    if (wrong !== undefined) throw new Fault("write-failed", `Cannot write: ${wrong}`);
    const arriving = bytes.subarray(0, this.power);
    this.bytes.set(arriving, offset);
    this.power -= arriving.length;
    this.done.push(`write ${offset} ${arriving.length}`);
    if (arriving.length < bytes.length) throw new Fault("write-failed", "Cannot write: power failed");
  }

  async flush(): Promise<void> {
    this.done.push("flush");
  }
}

export const anyGuid: fc.Arbitrary<Guid> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString("hex"))
  .map((hex) => guid(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")))
  .filter((value) => value !== ZERO_GUID);

export const anyAttributes: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });

export const anyBootFlags: fc.Arbitrary<BootFlags> = fc.record({
  priority: fc.integer({ min: 0, max: 15 }),
  triesLeft: fc.integer({ min: 0, max: 15 }),
  successful: fc.boolean(),
  starts: fc.integer({ min: 0, max: 7 }),
});

const anyName: fc.Arbitrary<string> = fc
  .string({ unit: "binary", maxLength: 36 })
  .filter((name) => name.length <= 36 && !name.includes("\0") && name.isWellFormed());

type Piece = { readonly gap: number; readonly length: number; readonly guid: Guid; readonly number: number };

/** Tables that keep every rule, on disks of a few hundred sectors; partitions are not always in order on disk. */
export const anyTable: fc.Arbitrary<Table> = fc
  .record({
    sectorSize: fc.constantFrom(512, 4096),
    diskGuid: anyGuid,
    slack: fc.integer({ min: 0, max: 20 }),
    pieces: fc.uniqueArray(
      fc.record({
        gap: fc.integer({ min: 0, max: 9 }),
        length: fc.integer({ min: 1, max: 9 }),
        guid: anyGuid,
        number: fc.integer({ min: 1, max: 128 }),
        type: anyGuid,
        attributes: anyAttributes,
        name: anyName,
      }),
      { maxLength: 12, selector: (piece: Piece) => piece.number },
    ),
  })
  .filter(({ pieces }) => new Set(pieces.map((piece) => piece.guid)).size === pieces.length)
  .map(({ sectorSize, diskGuid, slack, pieces }) => {
    const array = entriesSectors(sectorSize);
    const firstUsableLba = array + 2n;
    let next = firstUsableLba;
    const partitions = pieces.map(({ gap, length, ...piece }) => {
      const firstLba = next + BigInt(gap);
      next = firstLba + BigInt(length);
      return { ...piece, firstLba, lastLba: next - 1n };
    });
    const lastUsableLba = next + BigInt(slack);
    partitions.sort((a, b) => a.number - b.number);
    return { sectorSize, diskGuid, backupLba: lastUsableLba + array + 1n, firstUsableLba, lastUsableLba, partitions };
  });

const rootType = "5526016a-1a97-4ea4-b39a-b7c8c6ca4502";

/** A disk of 8 MiB in sectors of 512 bytes with two partitions of 1 MiB. */
export const sampleTable: Table = orThrow(
  planTable({
    sectorSize: 512,
    diskSectors: 16384n,
    diskGuid: "11111111-2222-4333-8444-555555555555",
    partitions: ["a", "b"].map((name, index) => ({
      name,
      type: rootType,
      guid: `00000000-0000-4000-8000-00000000000${index + 1}`,
      startMiB: 1 + index,
      sizeMiB: 1,
      attributes: 0n,
    })),
  }),
);
