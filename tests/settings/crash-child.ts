/**
 * The victim of the crash test: random changes for ever. Before each it says every state that may come of it, after it
 * what was acknowledged. Called with the store's folder, a boot identity, and a seed.
 */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { silentLog } from "../../base/log.ts";
import { ok } from "../../base/result.ts";
import { type CommitOptions, type Engine, openEngine, storePath } from "../../settings/engine.ts";
import { testOs } from "../../settings/testing.ts";
import { isTree } from "../../settings/tree.ts";

const [folder = "", bootId = "", seed = "0"] = process.argv.slice(2);
const who = { source: "test" };

/** Repeatable, so that a failure can be looked at again. */
let state = Number(seed) >>> 0;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function hash(settings: unknown): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
}

function say(record: object): void {
  writeSync(1, `${JSON.stringify(record)}\n`);
}

const engine = await openEngine({
  storePath: storePath(folder, testOs.version_id),
  version: testOs.version_id,
  log: silentLog,
  serviceRunner: () => Promise.resolve(ok({})),
  os: testOs,
  bootClock: { bootId, nowMs: () => 0 },
});

type Shadow = { motd: unknown; ntp: unknown; network: unknown; sysctl: Readonly<Record<string, unknown>> };

/** What the settings are to be after a change, without asking the engine to make it. */
function shadow(): Shadow {
  const { motd, ntp, network, kernel } = engine.settings();
  const sysctl = isTree(kernel) ? kernel["sysctl"] : undefined;
  return { motd, ntp, network, sysctl: isTree(sysctl) ? { ...sysctl } : {} };
}

function sorted(settings: Shadow): string {
  const entries = Object.entries(settings.sysctl).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash([settings.motd, settings.ntp, settings.network, entries]);
}

const seen = new Map<number, string>([[engine.generation(), sorted(shadow())]]);
say({ ack: engine.generation(), hash: sorted(shadow()), base: baseHash(engine) });

function baseHash(of: Engine): string | undefined {
  const waiting = of.unconfirmed();
  return waiting === undefined ? undefined : seen.get(waiting.base);
}

async function acknowledge(done: { readonly ok: boolean }): Promise<void> {
  if (!done.ok) return say({ refused: true });
  const made = sorted(shadow());
  seen.set(engine.generation(), made);
  say({ ack: engine.generation(), hash: made, base: baseHash(engine) });
}

async function change(options: CommitOptions): Promise<void> {
  const wanted = shadow();
  const sysctl = Object.fromEntries(
    Array.from({ length: 1 + random(5) }, () => [`a.b${random(9)}`, `${random(1000)}`]),
  );
  const motd = `message ${random(1_000_000)}`;
  wanted.motd = motd;
  wanted.sysctl = { ...wanted.sysctl, ...sysctl };
  say({ may: sorted(wanted), base: options.confirmMs === undefined ? undefined : sorted(shadow()) });
  engine.patch("t", { motd, kernel: { sysctl } });
  await acknowledge(await engine.commit("t", who, options));
}

async function takeOut(): Promise<void> {
  const wanted = shadow();
  wanted.sysctl = {};
  wanted.motd = "Welcome to Sparkler!";
  say({ may: sorted(wanted) });
  engine.remove("t", ["kernel", "motd"]);
  await acknowledge(await engine.commit("t", who));
}

async function goBack(): Promise<void> {
  const kept = [...seen].filter(([number]) => number > engine.generation() - 40);
  const [number = 1, wanted = ""] = kept[random(kept.length)] ?? [];
  say({ may: wanted });
  await acknowledge(await engine.restore(number, who));
}

/** Several clients at once: they may share a flush, and come one after the other. */
async function together(): Promise<void> {
  const wanted = shadow();
  const count = 2 + random(6);
  for (let index = 0; index < count; index++) {
    wanted.sysctl = { ...wanted.sysctl, [`together.k${index}`]: `${state}` };
    say({ may: sorted(wanted) });
    engine.patch(`t${index}`, { kernel: { sysctl: { [`together.k${index}`]: `${state}` } } });
  }
  const done = await Promise.all(Array.from({ length: count }, (_, index) => engine.commit(`t${index}`, who)));
  await acknowledge({ ok: done.every((each) => each.ok) });
}

for (;;) {
  const waiting = engine.unconfirmed();
  if (waiting !== undefined) {
    if (random(3) === 0) await change({});
    engine.dropTx("t");
    if (random(4) === 0) {
      say({ may: seen.get(waiting.base) });
      await acknowledge(await engine.restore(waiting.base, who));
    } else {
      // From the moment that it is confirmed it stays; until then either may be.
      say({ may: sorted(shadow()) });
      await acknowledge(await engine.confirm(waiting.generation));
    }
    continue;
  }
  const what = random(12);
  if (what < 6) await change({ apply: random(2) === 0 });
  else if (what < 7) await takeOut();
  else if (what < 9) await goBack();
  else if (what < 10) await change({ confirmMs: 3_600_000 });
  else await together();
}
