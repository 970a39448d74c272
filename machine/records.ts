/**
 * The files that describe a machine, read and written in one place each: what it is, how it is started, that it runs,
 * how it ended. A file that does not fit its schema is reported, not guessed at.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurable } from "../base/durable.ts";
import { Fault } from "../base/result.ts";
import { files, type MachineFile } from "./paths.ts";
import { isAlive, type ProcessId } from "./process.ts";
import type { Argv } from "./tools.ts";
import type { Published } from "./published.ts";

export type MachineRecord = {
  readonly uuid: string;
  readonly variant: string;
  /** Name of the image that the disk was made from. */
  readonly image: string;
  readonly memoryMib: number;
  /** Sizes of its ephemeral disks in bytes. */
  readonly ephemeralDisks?: readonly number[] | undefined;
  readonly published?: readonly Published[] | undefined;
  readonly createdAt: string;
};

export type LaunchRecord = {
  readonly command: Argv;
  readonly accelerator: "kvm" | "tcg";
  /** Port of this machine's loopback that leads to the guest's SSH. */
  readonly sshPort?: number | undefined;
};

export type RunningRecord = {
  readonly monitor: ProcessId;
  readonly qemu: ProcessId;
  readonly startedAt: string;
  readonly accelerator: "kvm" | "tcg";
  readonly sshPort?: number | undefined;
};

export type EndedRecord = { readonly at: string; readonly how: string };

const processSchema: z.ZodType<ProcessId> = z.object({ pid: z.number(), start: z.string() });
const accelerator: z.ZodType<"kvm" | "tcg"> = z.enum(["kvm", "tcg"]);

const machineSchema: z.ZodType<MachineRecord> = z.object({
  uuid: z.uuid(),
  variant: z.string(),
  image: z.string(),
  memoryMib: z.number().int().positive(),
  ephemeralDisks: z.array(z.number().int().positive()).optional(),
  published: z.array(z.tuple([z.number(), z.number()])).optional(),
  createdAt: z.string(),
});
const launchSchema: z.ZodType<LaunchRecord> = z.object({
  command: z.tuple([z.string()], z.string()),
  accelerator,
  sshPort: z.number().optional(),
});
const runningSchema: z.ZodType<RunningRecord> = z.object({
  monitor: processSchema,
  qemu: processSchema,
  startedAt: z.string(),
  accelerator,
  sshPort: z.number().optional(),
});
const endedSchema: z.ZodType<EndedRecord> = z.object({ at: z.string(), how: z.string() });

export const readMachine = (folder: string): Promise<MachineRecord | undefined> =>
  readRecord(folder, files.record, machineSchema);
export const writeMachine = (folder: string, record: MachineRecord): Promise<void> =>
  writeRecord(folder, files.record, record);

export const readLaunch = (folder: string): Promise<LaunchRecord | undefined> =>
  readRecord(folder, files.launch, launchSchema);
export const writeLaunch = (folder: string, record: LaunchRecord): Promise<void> =>
  writeRecord(folder, files.launch, record);

export const writeRunning = (folder: string, record: RunningRecord): Promise<void> =>
  writeRecord(folder, files.running, record);

/** The record of a running machine; one whose QEMU is gone is none. */
export async function readRunning(folder: string): Promise<RunningRecord | undefined> {
  const record = await readRecord(folder, files.running, runningSchema);
  return record !== undefined && isAlive(record.qemu) ? record : undefined;
}

export const readEnded = (folder: string): Promise<EndedRecord | undefined> =>
  readRecord(folder, files.ended, endedSchema);
export const writeEnded = (folder: string, record: EndedRecord): Promise<void> =>
  writeRecord(folder, files.ended, record);

async function readRecord<T>(folder: string, name: MachineFile, schema: z.ZodType<T>): Promise<T | undefined> {
  const path = join(folder, name);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw Fault.from("bad-record", `Cannot read "${path}"`, cause);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw Fault.from("bad-record", `Cannot read "${path}"`, cause);
  }
}

function writeRecord(folder: string, name: MachineFile, record: object): Promise<void> {
  return writeFileDurable(join(folder, name), `${JSON.stringify(record, undefined, 2)}\n`);
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
}
