/** From a list of partitions in MiB to a table, for the image builder. Pure: same input, same table, same bytes. */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Attributes } from "./attributes.ts";
import type { Partition } from "./entry.ts";
import { type Guid, parseGuid, ZERO_GUID } from "./guid.ts";
import { entriesSectors, PRIMARY_LBA } from "./header.ts";
import { faultOf, type Problem } from "./problem.ts";
import { checkTable, SECTOR_SIZES, type Table } from "./table.ts";

const MIB = 1024 * 1024;
const MAX_MIB = 2 ** 32;

export type PartitionSpec = {
  readonly name: string;
  /** Type GUID, upper or lower case. */
  readonly type: string;
  readonly guid: string;
  readonly startMiB: number;
  readonly sizeMiB: number;
  readonly attributes: Attributes;
};

export type TableSpec = {
  readonly sectorSize: number;
  readonly diskSectors: bigint;
  readonly diskGuid: string;
  /** In the order of their numbers: the first becomes partition 1. */
  readonly partitions: readonly PartitionSpec[];
};

/** The table that `spec` asks for, or every reason why there is none. */
export function planTable(spec: TableSpec): Result<Table, "bad-plan"> {
  const action = "plan the partition table";
  const { sectorSize } = spec;
  if (!SECTOR_SIZES.includes(sectorSize)) {
    const problem = { path: "sectorSize", message: `is ${sectorSize}, wanted 512 or 4096` };
    return fail(faultOf("bad-plan", action, [problem]));
  }
  const problems: Problem[] = [];
  const array = entriesSectors(sectorSize);
  const table: Table = {
    sectorSize,
    diskGuid: guidAt("diskGuid", spec.diskGuid, problems),
    backupLba: spec.diskSectors - 1n,
    firstUsableLba: PRIMARY_LBA + array + 1n,
    lastUsableLba: spec.diskSectors - array - 2n,
    partitions: spec.partitions.map((one, index) => planPartition(one, index + 1, sectorSize, problems)),
  };
  // With a wrong number or GUID replaced by a stand-in, the rules would report faults that are not the user's.
  if (problems.length === 0) problems.push(...checkTable(table));
  return problems.length === 0 ? ok(table) : fail(faultOf("bad-plan", action, problems));
}

function planPartition(spec: PartitionSpec, number: number, sectorSize: number, problems: Problem[]): Partition {
  const path = `partitions[${number}]`;
  const sectorsPerMib = BigInt(MIB / sectorSize);
  const firstLba = mibAt(`${path}.startMiB`, spec.startMiB, problems) * sectorsPerMib;
  return {
    number,
    type: guidAt(`${path}.type`, spec.type, problems),
    guid: guidAt(`${path}.guid`, spec.guid, problems),
    firstLba,
    lastLba: firstLba + mibAt(`${path}.sizeMiB`, spec.sizeMiB, problems) * sectorsPerMib - 1n,
    attributes: spec.attributes,
    name: spec.name,
  };
}

function guidAt(path: string, text: string, problems: Problem[]): Guid {
  const parsed = parseGuid(text);
  if (parsed.ok) return parsed.value;
  problems.push({ path, message: parsed.fault.message });
  return ZERO_GUID;
}

function mibAt(path: string, value: number, problems: Problem[]): bigint {
  if (Number.isInteger(value) && value > 0 && value <= MAX_MIB) return BigInt(value);
  problems.push({ path, message: `is ${value}, wanted a whole number of MiB from 1 to ${MAX_MIB}` });
  return 1n;
}
