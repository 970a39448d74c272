/** boot/formats/gpt.c against the TypeScript side: tables of one are read by the other, whatever fails on the way. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { orThrow } from "../../base/result.ts";
import { readTable } from "../../disk/gpt/read.ts";
import { type Table, withAttributes } from "../../disk/gpt/table.ts";
import { anyAttributes, anyTable, MemoryDevice } from "../../disk/gpt/testing.ts";
import { writeTable } from "../../disk/gpt/write.ts";
import { compileDriver, drive, openFolder } from "./compile.ts";

type Folder = Awaited<ReturnType<typeof openFolder>>;

let folder: Folder;

beforeAll(async () => {
  folder = await openFolder();
  await compileDriver(folder);
}, 600_000);
afterAll(() => folder[Symbol.asyncDispose]());

async function diskWith(table: Table): Promise<MemoryDevice> {
  const device = new MemoryDevice((Number(table.backupLba) + 1) * table.sectorSize, table.sectorSize);
  await writeTable(device, table);
  return device;
}

/** What the driver prints of a table whose copies are as named. */
function printed(table: Table, primary = "good", backup = "good"): string {
  const rows = table.partitions.map(
    ({ number, firstLba, lastLba, attributes }) =>
      `${number} ${firstLba}-${lastLba} ${attributes.toString(16).padStart(16, "0")}`,
  );
  return [primary, backup, ...rows].join("; ");
}

function input(device: MemoryDevice, before: Uint8Array = new Uint8Array()): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(device.sectorSize);
  return Buffer.concat([before, size, device.bytes]);
}

test("tables that the TypeScript side writes are read as they are", async () => {
  const tables = fc.sample(anyTable, 150);
  const disks = await Promise.all(tables.map(diskWith));
  expect(
    await drive(
      folder,
      "gpt",
      disks.map((each) => input(each)),
    ),
  ).toEqual(tables.map((each) => printed(each)));
});

/** Ways to hurt a disk, and what is then said of the two copies. */
const hurts: readonly (readonly [
  what: string,
  hurt: (disk: MemoryDevice, table: Table) => Promise<void>,
  primary: string,
  backup: string,
])[] = [
  ["nothing", async () => {}, "good", "good"],
  ["the primary's signature", async (disk) => zeroSignature(disk), "no table there", "good"],
  ["the primary's header", async (disk) => flip(disk, disk.sectorSize + 60), "header checksum wrong", "good"],
  ["the primary's entries", async (disk) => flip(disk, 2 * disk.sectorSize + 3), "entries checksum wrong", "good"],
  [
    "the backup's header",
    async (disk) => flip(disk, disk.size - disk.sectorSize + 60),
    "good",
    "header checksum wrong",
  ],
  [
    "the backup's entries",
    async (disk) => flip(disk, disk.size - 2 * disk.sectorSize),
    "good",
    "entries checksum wrong",
  ],
  ["the backup's age", makeStale, "good", "not the same as the primary"],
];

function zeroSignature(disk: MemoryDevice): void {
  disk.bytes.fill(0, disk.sectorSize, disk.sectorSize + 8);
}

function flip(disk: MemoryDevice, at: number): void {
  disk.bytes[at] = (disk.bytes[at] ?? 0) ^ 0x40;
}

/** Both copies are well formed, but only the backup has other attributes. */
async function makeStale(disk: MemoryDevice, table: Table): Promise<void> {
  const primary = disk.bytes.slice(0, 40 * disk.sectorSize);
  const changed = new Map(table.partitions.map(({ number, attributes }) => [number, attributes ^ 1n]));
  await writeTable(disk, withAttributes(table, changed));
  disk.bytes.set(primary.subarray(0, Number(table.firstUsableLba) * disk.sectorSize));
}

/** Tables with a partition, since attributes are changed. */
const tables = fc.sample(
  anyTable.filter(({ partitions }) => partitions.length > 0),
  hurts.length,
);

test.each(hurts)("with %s damaged the good copy is used", async (_, hurt, primary, backup) => {
  const [table] = tables;
  if (table === undefined) throw new Error("no table");
  const disk = await diskWith(table);
  await hurt(disk, table);
  expect(await drive(folder, "gpt", [input(disk)])).toEqual([printed(table, primary, backup)]);
});

test("with both copies damaged nothing is believed", async () => {
  const [table] = tables;
  if (table === undefined) throw new Error("no table");
  const disk = await diskWith(table);
  flip(disk, disk.sectorSize + 60);
  flip(disk, disk.size - 1 * disk.sectorSize + 60);
  expect(await drive(folder, "gpt", [input(disk)])).toEqual(["header checksum wrong; header checksum wrong"]);
});

type Write = { readonly offset: number; readonly bytes: Uint8Array };

/** Runs the selector's steps in C and gives its writes, in groups that a flush ends. */
async function start(disk: MemoryDevice, entry: number, attributes: bigint): Promise<readonly (readonly Write[])[]> {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(entry - 1, 0);
  head.writeBigUInt64LE(attributes, 4);
  const [line = ""] = await drive(folder, "start", [input(disk, head)]);
  const words = line
    .trim()
    .split(" ")
    .filter((word) => word !== "mended");
  expect(words.at(-1)).toBe("done");
  const groups: Write[][] = [[]];
  for (const word of words.slice(0, -1)) {
    const [what, lba, , hex = ""] = word.split(":");
    if (what === "flush") groups.push([]);
    else groups.at(-1)?.push({ offset: Number(lba) * disk.sectorSize, bytes: Buffer.from(hex, "hex") });
  }
  expect(groups.pop()).toEqual([]); // a flush comes last
  return groups;
}

/** Disks after a power cut: each prefix of the sectors in order, also in the middle of one; and some of them, unordered. */
function cuts(disk: MemoryDevice, groups: readonly (readonly Write[])[]): readonly MemoryDevice[] {
  const found: MemoryDevice[] = [];
  let bytes = disk.bytes.slice();
  const keep = (left: Uint8Array): void => {
    const after = new MemoryDevice(disk.size, disk.sectorSize);
    after.bytes.set(left);
    found.push(after);
  };
  for (const group of groups) {
    const sectors = group.flatMap((write) => sectorsOf(write, disk.sectorSize));
    for (const order of [sectors, ...fc.sample(fc.shuffledSubarray(sectors), 6)]) {
      const left = bytes.slice();
      for (const [at, sector] of order.entries()) {
        if (at % 7 === 0 || at > order.length - 3) keep(left);
        left.set(sector.bytes.subarray(0, 100), sector.offset);
        if (at % 5 === 0 || at > order.length - 3) keep(left);
        left.set(sector.bytes, sector.offset);
      }
    }
    bytes = bytes.slice();
    for (const { offset, bytes: written } of group) bytes.set(written, offset);
    keep(bytes);
  }
  return found;
}

function sectorsOf(write: Write, size: number): readonly Write[] {
  return Array.from({ length: write.bytes.length / size }, (_, at) => ({
    offset: write.offset + at * size,
    bytes: write.bytes.subarray(at * size, (at + 1) * size),
  }));
}

test.each(hurts.map(([what, hurt], at) => [what, hurt, at] as const))(
  "wherever the power fails while the selector writes, the old or the new table is there, with %s damaged before",
  async (what, hurt, at) => {
    const before = tables[at];
    const [partition] = before?.partitions ?? [];
    if (before === undefined || partition === undefined) throw new Error("no table");
    const [attributes = 0n] = fc.sample(
      anyAttributes.filter((each) => each !== partition.attributes),
      1,
    );
    const after = withAttributes(before, new Map([[partition.number, attributes]]));
    const disk = await diskWith(before);
    await hurt(disk, before);
    const groups = await start(disk, partition.number, attributes);
    expect(groups.length).toBe(what === "nothing" ? 2 : 3);
    const disks = cuts(disk, groups);
    expect(disks.length).toBeGreaterThan(40);
    const seen = new Set<string>();
    const answers = await drive(
      folder,
      "gpt",
      disks.map((each) => input(each)),
    );
    for (const [place, left] of disks.entries()) {
      const { table } = orThrow(await readTable(left));
      expect([before, after]).toContainEqual(table);
      seen.add(table.partitions[0]?.attributes === attributes ? "new" : "old");
      expect(answers[place]?.split("; ").slice(2)).toEqual(printed(table).split("; ").slice(2));
    }
    expect([...seen].toSorted()).toEqual(["new", "old"]);
    const last = disks.at(-1);
    expect(last === undefined ? undefined : orThrow(await readTable(last))).toMatchObject({ table: after, damage: [] });
  },
  120_000,
);
