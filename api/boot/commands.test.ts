import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, runCommand } from "../../base/command.ts";
import { ServerRig } from "../server/rig.ts";
import { command as earlyBootConfig } from "./early-boot-config.ts";
import { command as settingGenerators } from "./setting-generators.ts";
import { command as settingsApplier } from "./settings-applier.ts";
import { command as settingsCommitter } from "./settings-committer.ts";

let rig: ServerRig;

beforeEach(async () => {
  rig = await ServerRig.start();
});

afterEach(() => rig[Symbol.asyncDispose]());

function run(command: Command, ...args: readonly string[]): Promise<number> {
  return runCommand(command, ["--socket-path", rig.socket, ...args], rig.log);
}

function userData(text: string): void {
  mkdirSync(join(rig.folder, "local"), { recursive: true });
  writeFileSync(join(rig.folder, "local/user-data.toml"), text);
}

describe("boot programs", () => {
  test("one after the other do what settings-applier does", async () => {
    userData('[settings]\nmotd = "from a file"\n');
    expect(await run(earlyBootConfig, "--root", rig.folder)).toBe(0);
    expect(await run(settingGenerators)).toBe(0);
    expect(rig.engine.settings()).toEqual({});
    expect(await run(settingsCommitter)).toBe(0);
    expect(rig.engine.settings()).toEqual({ motd: "from a file", network: { hostname: "made" } });
    expect(await run(settingsCommitter)).toBe(0);
  });

  test("early-boot-config exits 1 with every problem in the log", async () => {
    userData("[settings]\nmotd = 5\nzzz = true\n");
    expect(await run(earlyBootConfig, "--root", rig.folder)).toBe(1);
    expect(rig.lines.join("")).toContain("settings.motd: must be a string");
    expect(rig.lines.join("")).toContain("settings.zzz: is not known");
    expect(rig.engine.listTx()).toEqual([]);
  });

  test("settings-committer commits the transaction it is told", async () => {
    rig.engine.patch("other", { motd: "x" });
    expect(await run(settingsCommitter, "--transaction", "other")).toBe(0);
    expect(rig.engine.settings()).toEqual({ motd: "x" });
  });

  test("exit 1 when the API cannot be reached", async () => {
    await rig.stopServer();
    for (const command of [earlyBootConfig, settingGenerators, settingsCommitter]) expect(await run(command)).toBe(1);
  });

  const outcomes = [
    ["all well", {}, 0],
    ["a file not written", { files: "failed" }, 1],
    ["a service not as set", { services: "failed" }, 0],
  ] as const;
  for (const [what, failing, status] of outcomes) {
    test(`settings-applier exits ${status} with ${what}`, async () => {
      rig.applying = async () => ({
        ok: Object.keys(failing).length === 0,
        files: "files" in failing ? [{ name: "a", path: "/a", state: "failed", durationMs: 0, problem: "p" }] : [],
        services: "services" in failing ? [{ name: "s", state: "failed", commands: [], checks: [] }] : [],
      });
      const marker = join(rig.folder, "ran");
      expect(await run(settingsApplier, "--root", rig.folder, "--marker", marker)).toBe(status);
      expect(existsSync(marker)).toBe(true);
    });
  }

  test("settings-applier exits 1 and leaves no marker when a generator fails", async () => {
    Object.assign(rig.engine, { generate: () => Promise.resolve(rig.engine.services(["none"])) });
    const marker = join(rig.folder, "ran");
    expect(await run(settingsApplier, "--root", rig.folder, "--marker", marker)).toBe(1);
    expect(existsSync(marker)).toBe(false);
  });
});
