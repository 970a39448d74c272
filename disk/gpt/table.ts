/**
 * A whole partition table as a value, and the rules that every table keeps, whether it was read from a disk, planned, or
 * is about to be written.
 */
import { NAME_UNITS, type Partition } from "./entry.ts";
import { type Guid, ZERO_GUID } from "./guid.ts";
import { entriesSectors, ENTRY_COUNT, type Lba, PRIMARY_LBA } from "./header.ts";
import type { Problem } from "./problem.ts";

export type Table = {
  /** 512 or 4096. */
  readonly sectorSize: number;
  readonly diskGuid: Guid;
  /** Where the backup header lies: the last sector of the disk, or of the smaller one that the table was made for. */
  readonly backupLba: Lba;
  readonly firstUsableLba: Lba;
  readonly lastUsableLba: Lba;
  /** Those in use, by ascending number. */
  readonly partitions: readonly Partition[];
};

export const SECTOR_SIZES: readonly number[] = [512, 4096];

const MAX_ATTRIBUTES = 0xffff_ffff_ffff_ffffn;

/** Every rule that `table` breaks; none means that it can be encoded and that reading it back gives the same table. */
export function checkTable(table: Table): readonly Problem[] {
  const { sectorSize } = table;
  if (!SECTOR_SIZES.includes(sectorSize)) {
    return [{ path: "sectorSize", message: `is ${sectorSize}, wanted 512 or 4096` }];
  }
  return [
    ...checkPlaces(table),
    ...table.partitions.flatMap((one) => checkPartition(one, table)),
    ...checkPairs(table),
  ];
}

/** `table` with the attributes of some partitions replaced, by number. */
export function withAttributes(table: Table, changed: ReadonlyMap<number, bigint>): Table {
  const partitions = table.partitions.map((partition) => ({
    ...partition,
    attributes: changed.get(partition.number) ?? partition.attributes,
  }));
  return { ...table, partitions };
}

function checkPlaces(table: Table): readonly Problem[] {
  const problems: Problem[] = [];
  const array = entriesSectors(table.sectorSize);
  const lowest = PRIMARY_LBA + array + 1n;
  // Byte offsets are numbers, so the disk must end below 2^53 bytes.
  const highest = BigInt(Math.floor(Number.MAX_SAFE_INTEGER / table.sectorSize)) - 1n;
  if (table.backupLba < lowest + array + 1n || table.backupLba > highest) {
    problems.push({ path: "backupLba", message: `is ${table.backupLba}, wanted ${lowest + array + 1n} to ${highest}` });
  }
  if (table.diskGuid === ZERO_GUID) problems.push({ path: "diskGuid", message: "is zero" });
  if (table.firstUsableLba < lowest) {
    problems.push({ path: "firstUsableLba", message: `is ${table.firstUsableLba}, inside the primary GPT` });
  }
  if (table.lastUsableLba >= table.backupLba - array) {
    problems.push({ path: "lastUsableLba", message: `is ${table.lastUsableLba}, inside the backup GPT or after it` });
  }
  if (table.firstUsableLba > table.lastUsableLba) {
    problems.push({ path: "lastUsableLba", message: `is ${table.lastUsableLba}, before the first usable LBA` });
  }
  return problems;
}

function checkPartition(partition: Partition, table: Table): readonly Problem[] {
  const { number, type, guid, firstLba, lastLba, attributes, name } = partition;
  const found: (readonly [field: string, broken: boolean, message: string])[] = [
    ["number", !Number.isInteger(number) || number < 1 || number > ENTRY_COUNT, `is not in 1 to ${ENTRY_COUNT}`],
    ["type", type === ZERO_GUID, "is zero, which marks an unused entry"],
    ["guid", guid === ZERO_GUID, "is zero"],
    ["firstLba", firstLba < table.firstUsableLba, `is ${firstLba}, before the first usable LBA`],
    ["lastLba", lastLba > table.lastUsableLba, `is ${lastLba}, after the last usable LBA`],
    ["lastLba", lastLba < firstLba, `is ${lastLba}, before its first`],
    ["attributes", attributes < 0n || attributes > MAX_ATTRIBUTES, "does not fit into 64 bits"],
    ["name", name.length > NAME_UNITS, `is longer than ${NAME_UNITS} UTF-16 units`],
    ["name", name.includes("\0") || !name.isWellFormed(), "is not well-formed text without NUL"],
  ];
  return found
    .filter(([, broken]) => broken)
    .map(([field, , message]) => ({ path: `partitions[${number}].${field}`, message }));
}

function checkPairs(table: Table): readonly Problem[] {
  const problems: Problem[] = [];
  const numbers = new Set<number>();
  const guids = new Map<string, number>();
  let previous = 0;
  for (const { number, guid } of table.partitions) {
    const path = `partitions[${number}]`;
    if (numbers.has(number)) problems.push({ path: `${path}.number`, message: "is used twice" });
    else if (number < previous) problems.push({ path: `${path}.number`, message: `comes after ${previous}` });
    const other = guids.get(guid);
    if (other !== undefined) problems.push({ path: `${path}.guid`, message: `is also that of partition ${other}` });
    numbers.add(number);
    guids.set(guid, number);
    previous = number;
  }
  const placed = [...table.partitions].sort((a, b) => (a.firstLba < b.firstLba ? -1 : 1));
  let reach = placed[0];
  for (const partition of placed.slice(1)) {
    if (reach !== undefined && partition.firstLba <= reach.lastLba) {
      const path = `partitions[${partition.number}].firstLba`;
      problems.push({ path, message: `is ${partition.firstLba}, inside partition ${reach.number}` });
    }
    if (reach === undefined || partition.lastLba > reach.lastLba) reach = partition;
  }
  return problems;
}
