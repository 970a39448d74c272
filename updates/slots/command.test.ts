import { expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { helpText, runCommand } from "../../base/command.ts";
import { silentLog } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { FRESH_FLAGS, NO_FLAGS } from "../../disk/gpt/attributes.ts";
import { osTable } from "../../disk/set/testing.ts";
import { command } from "./command.ts";
import { openSlots } from "./slots.ts";
import { inFolder, makeDisk } from "./testing.ts";

async function signpost(disk: string, verb: string, active = "A"): Promise<number> {
  return runCommand(command, ["--disk", disk, "--active", active, verb], silentLog);
}

/** Standard output of a real process, since verbs that answer write there. */
async function answer(disk: string, ...args: readonly string[]): Promise<string> {
  const program = `
    import { runCommand } from "${join(import.meta.dir, "../../base/command.ts")}";
    import { silentLog } from "${join(import.meta.dir, "../../base/log.ts")}";
    import { command } from "${join(import.meta.dir, "command.ts")}";
    process.exitCode = await runCommand(command, process.argv.slice(1), silentLog);`;
  const argv = [process.execPath, "-e", program, "--", "--disk", disk, "--active", "A", ...args] as const;
  return orThrow(await run(argv)).stdout;
}

/** Asks sgdisk(8), which shares no code with us, whether the disk is in order. */
async function verified(disk: string): Promise<string> {
  return orThrow(await run(["/usr/sbin/sgdisk", "--verify", disk])).stdout;
}

async function attributes(disk: string, number: number): Promise<string | undefined> {
  const { stdout } = orThrow(await run(["/usr/sbin/sgdisk", `--info=${number}`, disk]));
  return /Attribute flags: ([0-9A-F]+)/.exec(stdout)?.[1];
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

test("signpost does status and mark-successful-boot on an image with one set, and refuses the rest", async () => {
  await inFolder(async (folder) => {
    const disk = join(folder, "disk");
    await makeDisk(disk, osTable({ A: FRESH_FLAGS }));
    const codes = await Promise.all(
      ["clear-inactive", "mark-inactive-valid", "upgrade-to-inactive", "cancel-upgrade", "rollback-to-inactive"].map(
        (verb) => signpost(disk, verb),
      ),
    );
    expect(codes).toEqual([1, 1, 1, 1, 1]);
    expect(await answer(disk, "has-boot-ever-succeeded")).toBe("");
    expect(await signpost(disk, "mark-successful-boot")).toBe(0);
    expect(await answer(disk, "has-boot-ever-succeeded")).toBe("true\n");
    expect(await answer(disk, "status")).toContain("Set B:   none");
    expect(JSON.parse(await answer(disk, "status", "--json"))).toMatchObject({
      disk,
      active: "A",
      next: "A",
      everSucceeded: true,
      sets: { A: { priority: 1, triesLeft: 0, successful: true, starts: 0, willBoot: true }, B: null },
      damage: [],
    });
  });
});

test.each([
  ["no verb", []],
  ["an unknown verb", ["no-such-verb"]],
  ["a verb that only looks like one", ["toString"]],
  ["two verbs", ["status", "status"]],
  ["an unknown option", ["status", "--no-such"]],
  ["--active without --disk", ["status", "--active", "A"]],
  ["--disk without --active", ["status", "--disk", "/nonexistent"]],
])("signpost exits 1 for %s", async (_, argv) => {
  expect(await runCommand(command, argv, silentLog)).toBe(1);
});

test("signpost --help lists every verb", () => {
  for (const verb of ["status", "mark-successful-boot", "rewrite-table", "has-boot-ever-succeeded"]) {
    expect(helpText(command)).toContain(`  ${verb} `);
  }
});
