import { expect, test } from "bun:test";
import { join } from "node:path";
import { helpText, runCommand } from "../../base/command.ts";
import { silentLog } from "../../base/log.ts";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { FRESH_FLAGS } from "../../disk/gpt/attributes.ts";
import { osTable } from "../../disk/set/testing.ts";
import { command } from "./command.ts";
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
