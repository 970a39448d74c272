import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../base/run.ts";
import { makeExecutable } from "../../image/executable.ts";

describe("the executable of the image", () => {
  let folder = "";
  let program = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sparkler-executable-"));
    program = join(folder, "sparkler-host");
    await makeExecutable(program);
    await writeFile(join(folder, "evil.ts"), 'process.stdout.write("INTERPRETED");\n');
    await writeFile(join(folder, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each([
    ["BUN_BE_BUN", { BUN_BE_BUN: "1" }, ["./evil.ts"]],
    ["BUN_OPTIONS", { BUN_OPTIONS: "--preload ./evil.ts" }, ["no-such-program"]],
    ["a bunfig.toml in the current folder", {}, ["no-such-program"]],
  ])("does not run foreign code through %s", async (_, env, args) => {
    const ran = await run([program, ...args], { cwd: folder, env: { ...env } });
    const said = ran.ok ? ran.value.stdout : ran.fault.message;
    expect(said).not.toContain("INTERPRETED");
    expect(said).toContain("exit status 2");
  });
});
