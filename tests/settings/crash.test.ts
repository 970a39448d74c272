/**
 * The promise of the settings store: what comes back after the program was killed, or the log file was torn as a power
 * cut tears it, is a state that was committed, whole, and never older than what was acknowledged.
 */
import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Engine, storePath } from "../../settings/engine.ts";
import { TestMachine, testOs } from "../../settings/testing.ts";

/** Acknowledged changes in all, at least: rounds go on until there are as many. */
const CHANGES = 3000;
const MAX_ROUNDS = 300;

type Said = {
  readonly ack?: number;
  readonly hash?: string;
  readonly may?: string;
  readonly base?: string;
  readonly refused?: true;
};

function hashOf(engine: Engine): string {
  const { motd, ntp, network, kernel } = JSON.parse(JSON.stringify(engine.settings())) as {
    readonly motd: string;
    readonly ntp: unknown;
    readonly network?: unknown;
    readonly kernel?: { readonly sysctl: Readonly<Record<string, string>> };
  };
  const entries = Object.entries(kernel?.sysctl ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([motd, ntp, network, entries]))
    .digest("hex")
    .slice(0, 16);
}

/** Runs the victim and kills it some time after its first word; returns what it said, whole lines only. */
async function killed(words: readonly string[], afterMs: number): Promise<readonly Said[]> {
  const child = spawn(process.execPath, [join(import.meta.dir, "crash-child.ts"), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  let timer: Timer | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  const signal = await new Promise((resolve) => child.on("close", (_status, name) => resolve(name)));
  clearTimeout(timer);
  expect(signal).toBe("SIGKILL");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Said);
}

/** The states that may come back, after the same boot or another one. */
function allowed(said: readonly Said[], sameBoot: boolean): ReadonlySet<string> {
  const last = said.findLastIndex(({ ack }) => ack !== undefined);
  const since = said.slice(last).filter(({ refused }) => refused === undefined);
  const hashes = since.flatMap(({ hash, may, base }) => {
    const own = hash ?? may ?? "";
    // What waits to be confirmed goes with the boot; what was about to be may not have begun to.
    return sameBoot || base === undefined ? [own] : [base];
  });
  return new Set(hashes);
}

describe("a killed program", () => {
  test(
    "comes back with a committed state that is not older than what it acknowledged",
    async () => {
      await using machine = await TestMachine.make();
      let boot = 1;
      let changes = 0;
      let rounds = 0;
      let takenBack = 0;
      for (; changes < CHANGES && rounds < MAX_ROUNDS; rounds++) {
        const seed = String(randomInt(2 ** 31));
        const said = await killed([machine.folder, `boot-${boot}`, seed], randomInt(400));
        const acknowledged = said.filter(({ ack }) => ack !== undefined);
        changes += acknowledged.length - 1;
        const sameBoot = randomInt(2) === 0;
        if (!sameBoot) boot += 1;
        const engine = await machine.open({ bootClock: { bootId: `boot-${boot}`, nowMs: () => 0 } });
        const found = hashOf(engine);
        const about = { seed, sameBoot, round: rounds, last: said.slice(-12) };
        expect({ about, found: allowed(said, sameBoot).has(found) ? "allowed" : found }).toEqual({
          about,
          found: "allowed",
        });
        const last = acknowledged.at(-1);
        expect(engine.generation()).toBeGreaterThanOrEqual(last?.ack ?? 0);
        if (!sameBoot && engine.generations()[0]?.author.source === "confirm") takenBack += 1;
        await checkHistory(engine, acknowledged);
        await engine.close();
      }
      expect(changes).toBeGreaterThanOrEqual(CHANGES);
      expect(takenBack).toBeGreaterThan(0);
    },
    20 * 60_000,
  );
});

/** An acknowledged generation that is still kept can be brought back, exactly as it was. */
async function checkHistory(engine: Engine, acknowledged: readonly Said[]): Promise<void> {
  const kept = new Set(engine.generations().map(({ number }) => number));
  const known = acknowledged.filter(({ ack }) => kept.has(ack ?? 0));
  const { ack = 0, hash = "" } = known[randomInt(Math.max(known.length, 1))] ?? {};
  if (ack === 0) return;
  if (engine.unconfirmed() !== undefined) await engine.confirm();
  expect((await engine.restore(ack, { source: "test" })).ok).toBe(true);
  expect(hashOf(engine)).toBe(hash);
}

describe("a torn log file", () => {
  test(
    "gives exactly the last commit that was acknowledged before the tear, or one that was under way",
    async () => {
      await using machine = await TestMachine.make();
      const engine = await machine.open();
      const path = storePath(machine.folder, testOs.version_id);
      await copyFile(path, join(machine.root, "store"));
      const start = await copyOfLog(path);
      /** Bytes of the log when a commit was acknowledged, and the state then. */
      const points = [{ bytes: start.length, hash: hashOf(engine) }];
      for (let round = 0; round < 60; round++) {
        const sysctl = Object.fromEntries(
          Array.from({ length: 1 + randomInt(30) }, (_, at) => [`a.b${at}`, `${round}`]),
        );
        engine.patch("t", { motd: `round ${round}`, kernel: { sysctl } });
        expect((await engine.commit("t", { source: "test" })).ok).toBe(true);
        points.push({ bytes: (await stat(`${path}-wal`)).size, hash: hashOf(engine) });
      }
      const log = await copyOfLog(path);
      // Nothing was moved from the log into the store meanwhile, else the copy of the store would be of another time.
      expect(Math.max(...points.map(({ bytes }) => bytes))).toBe(log.length);
      const seen = new Set<string>();
      for (let tear = 0; tear < 250; tear++) {
        const bytes = start.length + randomInt(log.length - start.length + 1);
        const found = await stateOf(join(machine.root, "store"), log.subarray(0, bytes));
        const safe = points.findLastIndex((point) => point.bytes <= bytes);
        expect([points[safe]?.hash, points[safe + 1]?.hash]).toContain(found);
        seen.add(found);
      }
      expect(seen.size).toBeGreaterThan(20);
    },
    10 * 60_000,
  );
});

async function copyOfLog(path: string): Promise<Buffer> {
  return readFile(`${path}-wal`);
}

async function stateOf(store: string, log: Buffer): Promise<string> {
  await using cut = await TestMachine.make();
  const path = storePath(cut.folder, testOs.version_id);
  await cut.write("var/lib/sparkler/settings/.keep", "");
  await copyFile(store, path);
  await writeFile(`${path}-wal`, log);
  return hashOf(await cut.open());
}
