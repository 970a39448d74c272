import { describe, expect, test } from "bun:test";
import type { Engine } from "../engine.ts";
import type { Edit } from "../store/batch.ts";
import { TestMachine } from "../testing.ts";
import { IDLE_MS, Transactions } from "./transactions.ts";

const who = { source: "test" };
const edits = (name: string, value: string): ReadonlyMap<string, Edit> =>
  new Map([[name, { value, origin: { kind: "api" } }]]);

describe("Transactions", () => {
  test("a transaction that nobody adds to is forgotten, but for that of booting", () => {
    let now = 0;
    const transactions = new Transactions(() => now);
    transactions.stage("bottlerocket-launch", edits("settings.motd", "x"));
    transactions.stage("a", edits("settings.motd", "x"));
    now = IDLE_MS / 2;
    transactions.stage("b", edits("settings.motd", "x"));
    now = IDLE_MS + 1;
    expect(transactions.list()).toEqual(["b", "bottlerocket-launch"]);
  });

  test("all transactions together are bounded", () => {
    const transactions = new Transactions(() => 0);
    const large = "x".repeat(900_000);
    const codes = Array.from({ length: 20 }, (_, index) => {
      const staged = transactions.stage(`t${index}`, edits("settings.motd", large));
      return staged.ok ? "ok" : staged.fault.code;
    });
    expect(codes.filter((code) => code === "ok").length).toBe(18);
    expect(codes.at(-1)).toBe("transaction-limit");
  });

  test("what is put back does not hide what was staged since", () => {
    const transactions = new Transactions(() => 0);
    transactions.stage("t", new Map([...edits("settings.motd", "old"), ...edits("settings.network.hostname", "h")]));
    const taken = transactions.take("t");
    transactions.stage("t", edits("settings.motd", "new"));
    transactions.putBack("t", taken);
    expect(JSON.stringify(transactions.tree("t"))).toBe('{"motd":"new","network":{"hostname":"h"}}');
  });
});

describe("Engine.remove()", () => {
  test("Engine.remove() names every key that is no setting, and stages nothing then", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const refused = engine.remove("t", ["motd", "nothing", "a..b", "settings.motd.x"]);
    expect(refused.ok ? [] : refused.fault.problems.map(({ path }) => path)).toEqual([
      "settings.nothing",
      "settings",
      "settings.motd.x",
    ]);
    expect(engine.listTx()).toEqual([]);
    expect(engine.remove("t", ["network.hostname", 'kernel.sysctl."a.b"'])).toEqual({ ok: true, value: [] });
  });

  test("Engine.remove() takes back what is staged, and a later value wins again", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    engine.patch("t", { kernel: { sysctl: { a: "1", b: "1" } } });
    expect(engine.remove("t", ["kernel"])).toMatchObject({ ok: true });
    expect(engine.pendingRemovals("t")).toEqual([
      "settings.kernel.lockdown",
      "settings.kernel.sysctl.a",
      "settings.kernel.sysctl.b",
    ]);
    engine.patch("t", { kernel: { sysctl: { b: "2" } } });
    expect((await engine.commit("t", who)).ok).toBe(true);
    expect(JSON.stringify(engine.settings({ prefix: "kernel" }))).toBe(
      '{"kernel":{"lockdown":"none","sysctl":{"b":"2"}}}',
    );
  });

  test("Engine.remove() brings back default and generated values, also over a restart", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await engine.generate("t");
    await engine.commit("t", who);
    const generated = JSON.stringify(engine.settings());
    engine.patch("t", { motd: "mine", network: { hostname: "mine" } });
    await engine.commit("t", who);
    engine.remove("t", ["settings.motd", "settings.network.hostname"]);
    await engine.commit("t", who);
    expect(JSON.stringify(engine.settings())).toBe(generated);
    expect(engine.explainSource("settings.network.hostname")).toMatchObject({ kind: "generator", generation: 4 });
    await engine.close();
    expect(JSON.stringify((await machine.open()).settings())).toBe(generated);
  });
});

async function commitAll(engine: Engine, count: number): Promise<readonly number[]> {
  const done = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      engine.patch(`t${index}`, { kernel: { sysctl: { [`key${index}`]: String(index) } } });
      return engine.commit(`t${index}`, { source: `client-${index}` });
    }),
  );
  return done.flatMap((each) => (each.ok ? [each.value.generation] : []));
}

describe("Engine.commit() of many at once", () => {
  test("Engine.commit() of many at once loses none, each with a generation of its own", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const generations = await commitAll(engine, 60);
    expect(generations).toEqual(Array.from({ length: 60 }, (_, index) => index + 2));
    const live = JSON.stringify(engine.settings({ prefix: "kernel" }));
    expect(Object.keys((JSON.parse(live) as { kernel: { sysctl: object } }).kernel.sysctl).length).toBe(60);
    expect(engine.generationAt(31)).toMatchObject({ ok: true, value: { author: { source: "client-29" } } });
    await engine.close();
    expect(JSON.stringify((await machine.open()).settings({ prefix: "kernel" }))).toBe(live);
  });

  test("one that is refused leaves the others of its batch alone", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    engine.patch("a", { motd: "a" });
    engine.patch("b", { motd: "b" });
    engine.patch("c", { network: { hostname: "c" } });
    const done = await Promise.all([
      engine.commit("a", who),
      engine.commit("b", who, { expect: "never" }),
      engine.commit("c", who),
      engine.commit("a", who),
    ]);
    expect(done.map((each) => (each.ok ? each.value.generation : each.fault.code))).toEqual([
      2,
      "plan-changed",
      3,
      "nothing-pending",
    ]);
    expect(engine.listTx()).toEqual(["b"]);
    expect(engine.settings()).toMatchObject({ motd: "a", network: { hostname: "c" } });
  });

  test("what is queued when the engine is closed is written", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    engine.patch("t", { motd: "last" });
    const done = engine.commit("t", who);
    await Bun.sleep(0);
    await engine.close();
    expect((await done).ok).toBe(true);
    expect((await machine.open()).settings()).toMatchObject({ motd: "last" });
  });
});
