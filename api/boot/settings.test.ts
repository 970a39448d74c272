import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fail, ok } from "../../base/result.ts";
import { SettingsFault } from "../../settings/fault.ts";
import { apiAt } from "../client/connection.ts";
import { ServerRig } from "../server/rig.ts";
import { bootSettings } from "./settings.ts";
import type { ReadUserData } from "./user-data.ts";

let rig: ServerRig;
let marker: string;

beforeEach(async () => {
  rig = await ServerRig.start();
  marker = join(rig.folder, "state", "early-boot-config.ran");
});

afterEach(() => rig[Symbol.asyncDispose]());

function boot(readUserData: ReadUserData): ReturnType<typeof bootSettings> {
  const api = apiAt(rig.socket, { agent: "settings-applier" });
  return bootSettings({ api, log: rig.log, marker, readUserData, waitMs: 2000, pollMs: 10 });
}

function documents(...settings: readonly object[]): ReadUserData {
  return async () => ok(settings.map((each, index) => ({ source: `/file-${index}`, settings: each })));
}

const mustNotBeRead: ReadUserData = () => Promise.reject(new Error("user data was read"));

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 200; tries++) await Bun.sleep(5);
  expect(condition()).toBe(true);
}

describe("bootSettings()", () => {
  test("at the first boot stages user data, generates the rest, commits once, and applies all", async () => {
    const outcome = await boot(documents({ motd: "first" }, { motd: "second" }));
    expect(outcome.ok).toBe(true);
    expect(rig.engine.settings()).toEqual({ motd: "second", network: { hostname: "made" } });
    expect(rig.engine.explainSource("settings.motd")).toMatchObject({
      kind: "user-data",
      detail: "/file-1",
      by: "settings-applier",
    });
    expect(rig.engine.generation()).toBe(2);
    expect(rig.engine.applied).toEqual(["all"]);
    expect(existsSync(marker)).toBe(true);
  });

  test("user data wins over generators", async () => {
    await boot(documents({ network: { hostname: "mine" } }));
    expect(rig.engine.settings()).toEqual({ network: { hostname: "mine" } });
  });

  test("at a later boot leaves user data alone and applies all", async () => {
    await boot(documents({ motd: "x" }));
    const generation = rig.engine.generation();
    await boot(mustNotBeRead);
    expect(rig.engine.generation()).toBe(generation);
    expect(rig.engine.applied).toEqual(["all", "all"]);
  });

  test("refused user data is told by path and source, and boot waits until settings are committed", async () => {
    const booting = boot(documents({ motd: "good" }, { motd: 5, zzz: { a: "b" } }, { kernel: 3 }));
    await until(() => rig.lines.some((line) => line.includes("Boot waits")));
    const text = rig.lines.join("");
    expect(text).toContain('source="/file-1" problem="settings.motd: must be a string"');
    expect(text).toContain('source="/file-1" problem="settings.zzz.a: is not known"');
    expect(text).toContain('source="/file-2" problem="settings.kernel: is not known"');
    expect(rig.engine.listTx()).toEqual([]);
    await Bun.sleep(50);
    expect(rig.engine.generation()).toBe(1);
    expect(existsSync(marker)).toBe(false);
    expect(rig.lines.filter((line) => line.includes("Boot waits"))).toHaveLength(1);
    await rig.call("PATCH", "/settings?tx=mine", { motd: "mended" });
    await rig.call("POST", "/tx/commit_and_apply?tx=mine");
    await booting;
    expect(rig.engine.settings()).toEqual({ motd: "mended", network: { hostname: "made" } });
    expect(rig.engine.applied.at(-1)).toBe("all");
    expect(existsSync(marker)).toBe(true);
  });

  test("goes on waiting while the server is started anew", async () => {
    const booting = boot(documents({ nonsense: "x" }));
    await until(() => rig.lines.some((line) => line.includes("Boot waits")));
    await rig.stopServer();
    await Bun.sleep(40);
    await rig.startServer();
    rig.engine.patch("mine", { motd: "mended" });
    await rig.engine.commit("mine", { source: "api" });
    expect((await booting).ok).toBe(true);
  });

  test("user data of a wrong form is refused with its sources", async () => {
    const problems = [{ path: "line 3, column 1", message: "is not TOML", source: "/file" }];
    const booting = boot(async () => fail(new SettingsFault("invalid-user-data", "Cannot take it", problems)));
    await until(() => rig.lines.some((line) => line.includes("Boot waits")));
    expect(rig.lines.join("")).toContain('source="/file" problem="line 3, column 1: is not TOML"');
    rig.engine.patch("mine", { motd: "mended" });
    await rig.engine.commit("mine", { source: "api" });
    await booting;
  });

  test("user data that is too large is refused, not fatal", async () => {
    const booting = boot(documents({ motd: "x".repeat(1_200_000) }));
    await until(() => rig.lines.some((line) => line.includes("Boot waits")));
    expect(rig.lines.join("")).toContain("larger than");
    rig.engine.patch("mine", { motd: "mended" });
    await rig.engine.commit("mine", { source: "api" });
    await booting;
  });

  test("what an earlier try left staged does not come along", async () => {
    rig.engine.patch("bottlerocket-launch", { motd: "left over" });
    await boot(documents());
    expect(rig.engine.settings()).toEqual({ network: { hostname: "made" } });
  });

  test("waits for a server that starts later", async () => {
    await rig.stopServer();
    const booting = boot(documents());
    await Bun.sleep(60);
    await rig.startServer();
    expect((await booting).ok).toBe(true);
  });

  test("gives up on a server that never answers", async () => {
    await rig.stopServer();
    const api = apiAt(rig.socket);
    const failed = await bootSettings({ api, log: rig.log, marker, readUserData: documents(), waitMs: 100 }).then(
      () => "done",
      (thrown: unknown) => String(thrown),
    );
    expect(failed).toContain("Cannot reach the API");
  });

  test("what applying failed at is named in the log", async () => {
    rig.applying = async () => ({
      ok: false,
      files: [{ name: "hosts", path: "/etc/hosts", state: "failed", durationMs: 1, problem: "read-only" }],
    });
    const outcome = await boot(documents());
    expect(outcome.ok).toBe(false);
    expect(rig.lines.join("")).toContain('files=["/etc/hosts"]');
  });
});
