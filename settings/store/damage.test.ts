import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFile, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../base/log.ts";
import { storePath } from "../engine.ts";
import { TestMachine, testOs } from "../testing.ts";
import { backupPath } from "./backup.ts";
import { DAMAGED_KEPT } from "./recover.ts";
import { GENERATIONS_KEPT } from "./store.ts";

describe("openEngine() on a damaged file", () => {
  let machine: TestMachine;
  let folder: string;
  const number = 60;

  beforeAll(async () => {
    machine = await TestMachine.make();
    folder = await mkdtemp(join(tmpdir(), "settings-torn-"));
    const engine = await machine.open();
    for (let value = 2; value <= number; value++) {
      const sysctl = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`a.b${index}`, String(value)]));
      engine.patch("t", { motd: String(value), ntp: { options: [String(value)] }, kernel: { sysctl } });
      await engine.commit("t", { source: "test" });
    }
    const path = storePath(machine.folder, testOs.version_id);
    await engine.close();
    await copyFile(path, join(folder, "closed"));
    await copyFile(backupPath(path), join(folder, "backup"));
  });
  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const damage: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    "an empty file": () => Buffer.alloc(0),
    "a file of zeros": (bytes) => Buffer.alloc(bytes.length),
    "a file of something else": () => Buffer.from("motd = 1\n".repeat(1000)),
    "a cut file": (bytes) => bytes.subarray(0, 5000),
    "a broken header": (bytes) => Buffer.concat([Buffer.from("X"), bytes.subarray(1)]),
    "a page of noise": (bytes) =>
      Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(4096, 0xa5), bytes.subarray(8192)]),
    "a format of the future": (bytes) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt32BE(99, 60);
      return changed;
    },
    "a value that is not JSON": (bytes) => {
      const changed = Buffer.from(bytes);
      for (let at = changed.indexOf('["60"]'); at !== -1; at = changed.indexOf('["60"]', at + 1))
        changed.write("{", at);
      return changed;
    },
  };
  for (const [name, change] of Object.entries(damage)) {
    test(`openEngine() keeps ${name} aside and comes up with the last good settings`, async () => {
      await using broken = await TestMachine.make();
      const path = storePath(broken.folder, testOs.version_id);
      await (await broken.open()).close();
      const bytes = change(await readFile(join(folder, "closed")));
      await writeFile(path, bytes);
      await copyFile(join(folder, "backup"), backupPath(path));
      const lines: string[] = [];
      const engine = await broken.open({ log: createLog({ component: "t", write: (line) => void lines.push(line) }) });
      expect(lines.join("")).toContain("The settings store is damaged and kept aside");
      expect(JSON.parse(JSON.stringify(engine.settings()))).toMatchObject({
        motd: String(number),
        ntp: { options: ["60"] },
      });
      expect(engine.generation()).toBe(1000);
      expect(engine.generations()[0]?.author.message).toContain(`settings of generation ${number}`);
      expect(engine.explainSource("settings.motd")).toMatchObject({ kind: "api", by: "settings-store" });
      const kept = (await readdir(broken.folder)).filter((file) => file.includes(".damaged-"));
      expect(kept.length).toBe(1);
      expect((await readFile(join(broken.folder, kept[0] ?? ""))).equals(bytes)).toBe(true);
      engine.patch("t", { motd: "after" });
      expect(await engine.commit("t", { source: "test" })).toMatchObject({ ok: true, value: { generation: 1001 } });
      expect(engine.requestApply([]).number).toBeGreaterThan(1000);
    });
  }

  test("openEngine() comes up with defaults when there is no good backup, and says so", async () => {
    for (const content of [undefined, "{}", '{"sha256":"x","text":"{}"}']) {
      await using broken = await TestMachine.make();
      const path = storePath(broken.folder, testOs.version_id);
      await (await broken.open()).close();
      await writeFile(path, "not a store");
      if (content === undefined) await rm(backupPath(path));
      else await writeFile(backupPath(path), content);
      const engine = await broken.open();
      expect(engine.settings()).toMatchObject({ motd: "Welcome to Sparkler!" });
      expect(engine.generations().at(-1)?.author.message).toContain("there is no backup: defaults");
    }
  });

  test("openEngine() uses the backup when power failed between keeping a store aside and making a new one", async () => {
    await using broken = await TestMachine.make();
    const path = storePath(broken.folder, testOs.version_id);
    await (await broken.open()).close();
    await rm(path);
    await copyFile(join(folder, "backup"), backupPath(path));
    expect((await broken.open()).settings()).toMatchObject({ motd: String(number) });
  });

  test("openEngine() keeps a bounded number of damaged stores", async () => {
    await using broken = await TestMachine.make();
    const path = storePath(broken.folder, testOs.version_id);
    for (let round = 0; round < DAMAGED_KEPT + 3; round++) {
      const engine = await broken.open({ now: () => new Date(Date.UTC(2026, 0, 1 + round)) });
      await engine.close();
      await writeFile(path, `not a store ${round}`);
    }
    const kept = (await readdir(broken.folder)).filter((file) => file.includes(".damaged-"));
    expect(kept.length).toBe(DAMAGED_KEPT);
    expect(await Bun.file(join(broken.folder, kept.sort()[0] ?? "")).text()).toBe("not a store 2");
  });

  test("damage that is met while a store is open is told, and the next opening makes a new store of what was in memory", async () => {
    await using met = await TestMachine.make();
    const path = storePath(met.folder, testOs.version_id);
    const first = await met.open();
    // More than SQLite keeps in memory, so that it has to read.
    for (let round = 0; round < GENERATIONS_KEPT; round++) {
      first.patch("t", { motd: `${round}`.repeat(20_000) });
      await first.commit("t", { source: "test" });
    }
    await first.close();
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const engine = await met.open({ onDamage: resolve });
    const file = await open(path, "r+");
    const { size } = await file.stat();
    for (let at = 8192; at < size; at += 4096) await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, at);
    await file.close();
    expect(() => engine.generations()).toThrow(/is damaged/);
    await told;
    const settings = JSON.stringify(engine.settings());
    await engine.close();
    const again = await met.open();
    expect(JSON.stringify(again.settings())).toBe(settings);
    expect(again.generations()[0]?.author.message).toContain("the store was damaged");
  });

  test("a backup holds nothing that waits to be confirmed", async () => {
    await using waiting = await TestMachine.make();
    const path = storePath(waiting.folder, testOs.version_id);
    const engine = await waiting.open();
    engine.patch("t", { motd: "good" });
    await engine.commit("t", { source: "test" });
    engine.patch("t", { motd: "not confirmed", network: { hostname: "x" } });
    await engine.commit("t", { source: "test" }, { confirmMs: 60_000 });
    await engine.close();
    await writeFile(path, "not a store");
    const again = await waiting.open();
    expect(again.settings({ prefix: "network" })).toEqual({});
    expect(again.settings()).toMatchObject({ motd: "good" });
  });

  test("openEngine() on a file with flipped bits always comes up", async () => {
    const good = await readFile(join(folder, "closed"));
    const values = new Set<unknown>();
    for (let round = 0; round < 40; round++) {
      await using flipped = await TestMachine.make();
      const path = storePath(flipped.folder, testOs.version_id);
      await (await flipped.open()).close();
      const bytes = Buffer.from(good);
      const at = (round * 2_654_435_761) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8));
      await writeFile(path, bytes);
      values.add((await flipped.open()).settings()["motd"]);
    }
    expect(values.size).toBeGreaterThan(0);
    expect([...values].every((value) => typeof value === "string")).toBe(true);
  }, 60_000);
});
