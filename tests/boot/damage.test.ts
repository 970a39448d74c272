/** Damage to a set: never used, and the machine goes to the other one, also when the damaged one was good before. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BootFlags, FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { runTool } from "../../image/format/build-tools.ts";
import type { TestMachine } from "../../machine/testing.ts";
import { openWorkshop, type Workshop } from "./made-sets.ts";
import { machineThatIsOff, MARKED, PREPARATION, prepare, TEST, WAIT } from "./prepared.ts";
import {
  copySet,
  flipByte,
  flipDiskByte,
  type Kind,
  readFlags,
  readPartition,
  tableDamage,
  TRIED_ONCE,
  writeFlags,
} from "./sets.ts";

const SECTOR = 512;
const BLOCK = 4096;
/** Inside the superblock of EROFS, and in the topmost block of the hash tree. */
const EARLY = { root: 1024 + 20, hash: BLOCK + 10 } as const;
const GOOD_BEFORE: BootFlags = { ...FRESH_FLAGS, priority: 2 };

let workshop: Workshop;
let machine: TestMachine;

beforeAll(async () => {
  const prepared = await prepare();
  workshop = await openWorkshop(prepared);
  machine = await machineThatIsOff(prepared);
  await copySet(machine.disk);
}, PREPARATION);
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

test(
  "with the primary table destroyed the machine starts all the same, and both copies are whole again",
  async () => {
    for (const at of [SECTOR, SECTOR + 60, 2 * SECTOR + 40]) await flipDiskByte(machine.disk, at);
    expect((await tableDamage(machine.disk)).length).toBe(1);
    await machine.start();
    await machine.waitForConsole(/Welcome to Sparkler/, WAIT);
    await machine.stop();
    expect(await tableDamage(machine.disk)).toEqual([]);
  },
  TEST,
);

/** With the damage done, boots; undoes it when `work` is done. */
async function damaged(set: "A" | "B", kind: Kind, at: number, work: () => Promise<void>): Promise<void> {
  await flipByte(machine.disk, set, kind, at);
  try {
    await machine.start();
    await work();
    await machine.stop();
  } finally {
    await machine.powerCut();
    await flipByte(machine.disk, set, kind, at);
  }
}

test(
  "a kernel image with a flipped byte is not started, and the other set is in the same run",
  async () => {
    await writeFlags(machine.disk, { A: FRESH_FLAGS, B: TRIED_ONCE });
    await damaged("B", "boot", await insideKernelImage("B"), async () => {
      await machine.waitForConsole(/starting set B \(priority 2, tries 1/, WAIT);
      const { index } = await machine.waitForConsole(/set B refused: kernel image damaged/, WAIT);
      await machine.waitForConsole(/starting set A/, WAIT);
      expect(machine.console.slice(0, index)).not.toContain("Linux");
      await machine.waitForConsole(/Welcome to Sparkler/, WAIT);
    });
    expect((await readFlags(machine.disk)).B).toEqual({ ...TRIED_ONCE, triesLeft: 0, starts: 1 });
  },
  TEST,
);

test.each(["root", "hash"] as const)(
  "a flipped byte in %s restarts the machine, and the other set is started",
  async (kind) => {
    await writeFlags(machine.disk, { A: FRESH_FLAGS, B: TRIED_ONCE });
    await damaged("B", kind, EARLY[kind], async () => {
      await machine.waitForConsole(/starting set B/, WAIT);
      await machine.waitForConsole(/device-mapper: verity: .* is corrupted/, WAIT);
      await machine.waitForConsole(/starting set A/, WAIT);
      await machine.waitForConsole(/Welcome to Sparkler/, WAIT);
    });
    expect((await readFlags(machine.disk)).B).toEqual({ ...TRIED_ONCE, triesLeft: 0, starts: 1 });
  },
  TEST,
);

test(
  "damage met late in a set that was good before: three starts, then the other set, which stays",
  async () => {
    await writeFlags(machine.disk, { A: GOOD_BEFORE, B: FRESH_FLAGS });
    await damaged("A", "root", await insideFile("/usr/bin/systemd-repart"), async () => {
      for (const _ of [1, 2, 3]) {
        await machine.waitForConsole(/starting set A \(priority 2, tries 0, successful\)/, WAIT);
        await machine.waitForConsole(/Welcome to Sparkler/, WAIT);
        await machine.waitForConsole(/device-mapper: verity: .* is corrupted/, WAIT);
      }
      await machine.waitForConsole(/starting set B \(priority 1, tries 0, successful\)/, WAIT);
      await machine.waitForConsole(MARKED, WAIT);
    });
    expect(await readFlags(machine.disk)).toMatchObject({ A: { ...GOOD_BEFORE, starts: 3 }, B: FRESH_FLAGS });
  },
  TEST,
);

test(
  "with no bootable set the selector says so on the console, waits, and tries again",
  async () => {
    await writeFlags(machine.disk, { A: FRESH_FLAGS, B: NO_FLAGS });
    await damaged("A", "boot", await insideKernelImage("A"), async () => {
      for (const _ of [1, 2]) {
        await machine.waitForConsole(/set A refused: kernel image damaged/, WAIT);
        await machine.waitForConsole(/no bootable set: waiting 30 s, then trying again/, WAIT);
      }
    });
  },
  TEST,
);

/** A byte of the kernel image, far behind its headers. The image lies in one piece on its new FAT file system. */
async function insideKernelImage(set: "A" | "B"): Promise<number> {
  const start = (await readPartition(machine.disk, set, "boot")).indexOf(Buffer.from("MZ\x90\0", "latin1"), 0x1000);
  expect(start).toBeGreaterThan(0);
  return start + 2 ** 20;
}

/** A byte of the content of a file of the root, as dump.erofs(1) tells where that lies. */
async function insideFile(path: string): Promise<number> {
  await writeFile(join(workshop.tools.work, "root"), await readPartition(machine.disk, "A", "root"));
  const { stdout } = await runTool(workshop.tools, ["/usr/bin/dump.erofs", "-e", `--path=${path}`, "/work/root"]);
  const first = /^\s*0:\s+\d+\.\.\s*\d+ \|\s+\d+ :\s+(\d+)\.\./m.exec(stdout)?.[1];
  expect(first).toBeDefined();
  return Number(first) + 100;
}
