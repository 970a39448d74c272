/** The bytes of a table and back. Both copies on disk hold the same table; one read from either compares equal. */
import { fail, ok, type Result } from "../../base/result.ts";
import { crc32 } from "./crc32.ts";
import { decodeEntry, encodeEntry, type Partition } from "./entry.ts";
import {
  type CopyName,
  encodeHeader,
  ENTRIES_BYTES,
  entriesLbaOf,
  ENTRY_BYTES,
  ENTRY_COUNT,
  type Header,
  PRIMARY_LBA,
} from "./header.ts";
import { protectiveMbr } from "./mbr.ts";
import { faultOf, type Problem } from "./problem.ts";
import { checkTable, type Table } from "./table.ts";

export type EncodedTable = {
  /** From the start of the disk: protective MBR, header, entries (LBA 0–33 with sectors of 512 bytes). */
  readonly primary: Uint8Array;
  /** Entries, then header. */
  readonly backup: Uint8Array;
  /** Byte offset at which `backup` belongs. */
  readonly backupOffset: number;
};

/** The bytes of both copies. Refuses a table that breaks a rule, naming every one that it breaks. */
export function encodeTable(table: Table): Result<EncodedTable, "bad-table"> {
  const problems = checkTable(table);
  if (problems.length > 0) return fail(faultOf("bad-table", "encode the partition table", problems));
  const entries = encodeEntries(table.partitions);
  const entriesCrc32 = crc32(entries);
  const header = (copy: CopyName): Uint8Array => {
    const myLba = copy === "primary" ? PRIMARY_LBA : table.backupLba;
    return encodeHeader(
      {
        myLba,
        alternateLba: copy === "primary" ? table.backupLba : PRIMARY_LBA,
        firstUsableLba: table.firstUsableLba,
        lastUsableLba: table.lastUsableLba,
        diskGuid: table.diskGuid,
        entriesLba: entriesLbaOf(copy, myLba, table.sectorSize),
        entriesCrc32,
      },
      table.sectorSize,
    );
  };
  const mbr = new Uint8Array(table.sectorSize);
  mbr.set(protectiveMbr(table.backupLba + 1n));
  return ok({
    primary: Buffer.concat([mbr, header("primary"), entries]),
    backup: Buffer.concat([entries, header("backup")]),
    backupOffset: Number(entriesLbaOf("backup", table.backupLba, table.sectorSize)) * table.sectorSize,
  });
}

/** The table that a verified header and its entry array describe. */
export function decodeTable(
  header: Header,
  entries: Uint8Array,
  copy: CopyName,
  sectorSize: number,
): Result<Table, "bad-table"> {
  const action = `use the ${copy} GPT`;
  if (entries.length !== ENTRIES_BYTES || crc32(entries) !== header.entriesCrc32) {
    const problem = { path: "entries.crc32", message: "does not match the entries" };
    return fail(faultOf("bad-table", action, [problem]));
  }
  const problems: Problem[] = [];
  const partitions: Partition[] = [];
  for (let number = 1; number <= ENTRY_COUNT; number += 1) {
    const entry = decodeEntry(entries.subarray((number - 1) * ENTRY_BYTES, number * ENTRY_BYTES), number);
    if (entry === undefined) continue;
    if ("message" in entry) problems.push(entry);
    else partitions.push(entry);
  }
  const table: Table = {
    sectorSize,
    diskGuid: header.diskGuid,
    backupLba: copy === "primary" ? header.alternateLba : header.myLba,
    firstUsableLba: header.firstUsableLba,
    lastUsableLba: header.lastUsableLba,
    partitions,
  };
  problems.push(...checkTable(table));
  return problems.length === 0 ? ok(table) : fail(faultOf("bad-table", action, problems));
}

function encodeEntries(partitions: readonly Partition[]): Uint8Array {
  const entries = new Uint8Array(ENTRIES_BYTES);
  for (const partition of partitions) entries.set(encodeEntry(partition), (partition.number - 1) * ENTRY_BYTES);
  return entries;
}
