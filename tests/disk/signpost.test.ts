/** Every table that `signpost` writes, judged by sgdisk(8) of the locked set, which shares no code with us. */
import { beforeAll, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runCommand } from "../../base/command.ts";
import { silentLog } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { osTable } from "../../disk/set/testing.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { command } from "../../updates/slots/command.ts";
import { openSlots } from "../../updates/slots/slots.ts";
import { inFolder, makeDisk } from "../../updates/slots/testing.ts";

let root = "";

beforeAll(async () => {
  root = await toolRoot("test");
}, 600_000);

async function signpost(disk: string, verb: string, active = "A"): Promise<number> {
  return runCommand(command, ["--disk", disk, "--active", active, verb], silentLog);
}

async function sgdisk(disk: string, ...options: readonly string[]): Promise<string> {
  const binds = [{ from: dirname(disk) }];
  return orThrow(await run(sandboxArgv({ root, binds, argv: ["/usr/sbin/sgdisk", ...options, disk] }))).stdout;
}

async function verified(disk: string): Promise<string> {
  return sgdisk(disk, "--verify");
}

async function attributes(disk: string, number: number): Promise<string | undefined> {
  return /Attribute flags: ([0-9A-F]+)/.exec(await sgdisk(disk, `--info=${number}`))?.[1];
}

test("signpost walks through an update and back, and sgdisk agrees with every table", async () => {
  await inFolder(async (folder) => {
    const disk = join(folder, "disk");
    await makeDisk(disk, osTable({ A: FRESH_FLAGS, B: NO_FLAGS }));
    const steps: readonly (readonly [verb: string, active: string, A: string, B: string])[] = [
      ["mark-successful-boot", "A", "0101000000000000", "0000000000000000"],
      ["clear-inactive", "A", "0101000000000000", "0000000000000000"],
      ["mark-inactive-valid", "A", "0101000000000000", "0010000000000000"],
      ["upgrade-to-inactive", "A", "0101000000000000", "0012000000000000"],
      ["cancel-upgrade", "A", "0102000000000000", "0010000000000000"],
      ["upgrade-to-inactive", "A", "0101000000000000", "0012000000000000"],
      ["mark-successful-boot", "B", "0101000000000000", "0112000000000000"],
      ["rollback-to-inactive", "B", "0102000000000000", "0111000000000000"],
      ["rewrite-table", "A", "0102000000000000", "0111000000000000"],
    ];
    for (const [verb, active, A, B] of steps) {
      expect([verb, await signpost(disk, verb, active)]).toEqual([verb, 0]);
      expect([verb, await attributes(disk, 2), await attributes(disk, 5)]).toEqual([verb, A, B]);
      expect(await verified(disk)).toContain("No problems found");
    }
    expect(await attributes(disk, 8)).toBe("0200000000000000");
  });
});

test("signpost mark-successful-boot zeroes the starts, and writes nothing the second time", async () => {
  await inFolder(async (folder) => {
    const disk = join(folder, "disk");
    await makeDisk(disk, osTable({ A: { ...FRESH_FLAGS, starts: 5 }, B: NO_FLAGS }));
    expect(await signpost(disk, "mark-successful-boot")).toBe(0);
    const { state } = await openSlots({ disk, active: { set: "A" } });
    expect([state.A, state.everSucceeded]).toEqual([FRESH_FLAGS, true]);
    // A damaged copy shows whether a table was written: it would be whole again.
    const bytes = await readFile(disk);
    bytes.fill(0, 600, 610);
    bytes.fill(0xff, 512, 520);
    await writeFile(disk, bytes);
    expect(await signpost(disk, "mark-successful-boot")).toBe(0);
    expect(Buffer.compare(await readFile(disk), bytes)).toBe(0);
    expect(await signpost(disk, "rewrite-table")).toBe(0);
    expect(await verified(disk)).toContain("No problems found");
  });
});
