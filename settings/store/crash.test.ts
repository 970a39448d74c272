import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { type Engine, storePath } from "../engine.ts";
import { TestMachine, testOs } from "../testing.ts";

/** Asserts that all of one generation is live, and returns its number. */
function wholeGeneration(engine: Engine): number {
  const { motd, ntp, kernel } = engine.settings() as {
    readonly motd: string;
    readonly ntp: { readonly options: readonly string[] };
    readonly kernel?: { readonly sysctl: Readonly<Record<string, string>> };
  };
  if (kernel === undefined) {
    expect([motd, engine.generation()]).toEqual(["Welcome to Sparkler!", 1]);
    return 1;
  }
  expect(new Set([motd, ...ntp.options, ...Object.values(kernel.sysctl)])).toEqual(new Set([motd]));
  expect(Object.keys(kernel.sysctl).length).toBe(20);
  expect(engine.generation()).toBe(Number(motd));
  expect(engine.explainSource("settings.motd")?.generation).toBe(Number(motd));
  return engine.generation();
}

/** Starts the victim, kills it `afterMs` after its first commit, and returns the last number that it said. */
async function killed(folder: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dir, "crash-child.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  let timer: Timer | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return Number(said.split("\n").at(-2) ?? 0);
}

describe("a killed program", () => {
  test("a killed program leaves a whole generation, never older than the last it spoke of", async () => {
    await using machine = await TestMachine.make();
    for (const afterMs of [0, 7, 31, 60, 113]) {
      const said = await killed(machine.folder, afterMs);
      const engine = await machine.open();
      expect(said).toBeGreaterThan(1);
      expect(wholeGeneration(engine)).toBeGreaterThanOrEqual(said);
      await engine.close();
    }
  }, 30_000);
});

describe("a torn or damaged file", () => {
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
    await copyFile(path, join(folder, "torn"));
    await copyFile(`${path}-wal`, join(folder, "torn-wal"));
    await engine.close();
    await copyFile(path, join(folder, "closed"));
  });
  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test("a log file that is cut anywhere gives a whole generation", async () => {
    const log = await readFile(join(folder, "torn-wal"));
    const seen = new Set<number>();
    for (let step = 0; step <= 60; step++) {
      await using cut = await TestMachine.make();
      const path = storePath(cut.folder, testOs.version_id);
      await (await cut.open()).close();
      await copyFile(join(folder, "torn"), path);
      await writeFile(`${path}-wal`, log);
      await truncate(`${path}-wal`, Math.floor((log.length * step) / 60) - (step % 2));
      seen.add(wholeGeneration(await cut.open()));
    }
    expect(seen.size).toBeGreaterThan(20);
    expect(seen.has(number)).toBe(true);
  }, 30_000);

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
    test(`openEngine() refuses ${name}, names the file and leaves its bytes`, async () => {
      await using broken = await TestMachine.make();
      const path = storePath(broken.folder, testOs.version_id);
      await (await broken.open()).close();
      const bytes = change(await readFile(join(folder, "closed")));
      await writeFile(path, bytes);
      const thrown: unknown = await broken.open().catch((got: unknown) => got);
      expect(thrown).toBeInstanceOf(Fault);
      expect(thrown).toMatchObject({ code: "store-corrupt", details: { path } });
      expect(String(thrown)).toContain(path);
      expect((await readFile(path)).equals(bytes)).toBe(true);
    });
  }

  test("openEngine() on a file with flipped bits opens it or refuses it, and nothing else", async () => {
    const good = await readFile(join(folder, "closed"));
    const codes: string[] = [];
    for (let round = 0; round < 60; round++) {
      await using flipped = await TestMachine.make();
      const path = storePath(flipped.folder, testOs.version_id);
      await (await flipped.open()).close();
      const bytes = Buffer.from(good);
      const at = (round * 2_654_435_761) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8));
      await writeFile(path, bytes);
      const outcome: unknown = await flipped.open().catch((got: unknown) => got);
      codes.push(outcome instanceof Fault ? outcome.code : "opened");
    }
    expect(new Set([...codes, "opened", "store-corrupt"]).size).toBe(2);
  }, 30_000);
});
