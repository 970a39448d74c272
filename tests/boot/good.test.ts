/**
 * One machine's life as it should be: a fresh image on a larger disk, then an update to B, with a copy of its disk
 * beside it all the time, damage to its table, and files on B's BOOT partition that nobody vouches for.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { addStrayFiles, openWorkshop, type Workshop } from "./made-sets.ts";
import { machineThatIsOff, MARKED, type Prepared, PREPARATION, prepare, TEST, WAIT } from "./prepared.ts";
import {
  copySet,
  dataPlace,
  makeBackupStale,
  readFlags,
  spoilPrimary,
  tableDamage,
  TRIED_ONCE,
  writeFlags,
} from "./sets.ts";

const GIB = 2 ** 30;
/** NVMe is in the kernel, virtio_blk a module: the copy is there before the disk itself. */
const copyBeside = [
  ["-drive", "if=none,id=copy,format=raw,file=copy.raw"],
  ["-device", "nvme,drive=copy,serial=copy"],
].flat();
let prepared: Prepared;
let workshop: Workshop;
let machine: TestMachine;
let copy = "";
let copySum = "";

beforeAll(async () => {
  prepared = await prepare();
  workshop = await openWorkshop(prepared);
  machine = await machineThatIsOff(prepared, { diskBytes: 2 * GIB, extra: copyBeside });
  copy = join(machine.folder, "copy.raw");
  orThrow(await run(["cp", "--sparse=always", prepared.image, copy]));
  copySum = await sum(copy);
}, PREPARATION);
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

test(
  "a fresh image boots A, is marked as successful, and DATA takes the room of a larger disk; a stale backup is mended",
  async () => {
    await makeBackupStale(machine.disk, { B: { ...FRESH_FLAGS, priority: 3 } });
    await machine.start();
    await machine.waitForConsole(/backup GPT damaged, repaired from primary \(not the same as the primary\)/, WAIT);
    await machine.waitForConsole(/starting set A \(priority 1, tries 0, successful\)/, WAIT);
    await machine.waitForConsole(MARKED, WAIT);
    await machine.stop();
    expect(await readFlags(machine.disk)).toMatchObject({ A: FRESH_FLAGS, B: NO_FLAGS, everSucceeded: true });
    const data = await dataPlace(machine.disk);
    expect(data.offset + data.size).toBeGreaterThan(2 * GIB - 2 ** 21);
    expect(await fileSystemBytes(data.offset)).toBeGreaterThan(data.size - 2 ** 20);
    expect(await verified()).toContain("No problems found");
  },
  TEST,
);

test(
  "an update to B is tried, marked as successful and stays; the damaged primary table is repaired on the way",
  async () => {
    await copySet(machine.disk);
    await addStrayFiles(workshop, machine.disk, "B");
    await writeFlags(machine.disk, { B: TRIED_ONCE });
    await spoilPrimary(machine.disk);
    await machine.start();
    await machine.waitForConsole(/primary GPT damaged, repaired from backup \(header checksum wrong\)/, WAIT);
    await machine.waitForConsole(/starting set B \(priority 2, tries 1, not yet successful\)/, WAIT);
    await machine.waitForConsole(MARKED, WAIT);
    await machine.stop();
    expect(await readFlags(machine.disk)).toMatchObject({
      A: FRESH_FLAGS,
      B: { priority: 2, triesLeft: 0, successful: true, starts: 0 },
    });
    expect(await tableDamage(machine.disk)).toEqual([]);
    expect(await verified()).toContain("No problems found");
  },
  TEST,
);

test(
  "a copy of the disk with the same GUIDs beside it is never written",
  async () => {
    expect(await sum(copy)).toBe(copySum);
  },
  TEST,
);

async function sum(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

async function verified(): Promise<string> {
  const binds = [{ from: dirname(machine.disk) }];
  const argv = ["/usr/sbin/sgdisk", "--verify", machine.disk] as const;
  return orThrow(await run(sandboxArgv({ root: prepared.test, binds, argv }))).stdout;
}

/** Size of the ext4 file system at `offset`, from its superblock (kernel Documentation/filesystems/ext4/super.rst). */
async function fileSystemBytes(offset: number): Promise<number> {
  await using file = await open(machine.disk, "r");
  const block = Buffer.alloc(1024);
  await file.read(block, 0, block.length, offset + 1024);
  expect(block.readUInt16LE(0x38)).toBe(0xef53);
  return block.readUInt32LE(4) * (1024 << block.readUInt32LE(0x18));
}
