import { describe, expect, test } from "bun:test";
import type { Engine } from "../engine.ts";
import type { SettingsEvent } from "../events.ts";
import { TestMachine } from "../testing.ts";
import type { BootClock } from "./boot-clock.ts";

const who = { source: "test" };

/** A clock that stands still until it is told otherwise. */
class TestClock implements BootClock {
  bootId = "boot-1";
  ms = 1000;
  readonly nowMs = (): number => this.ms;
}

async function set(engine: Engine, text: string, options: Parameters<Engine["commit"]>[2] = {}): Promise<string> {
  engine.patch("t", { motd: text });
  const done = await engine.commit("t", who, options);
  if (!done.ok) engine.dropTx("t");
  return done.ok ? "ok" : done.fault.code;
}

function motd(engine: Engine): unknown {
  return engine.settings()["motd"];
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 1000; tries++) await Bun.sleep(10);
  expect(condition()).toBe(true);
}

describe("Engine.confirm()", () => {
  test("Engine.confirm() lets what waits stay, over time and restarts", async () => {
    await using machine = await TestMachine.make();
    const bootClock = new TestClock();
    const engine = await machine.open({ bootClock });
    expect(await set(engine, "new", { confirmMs: 5000 })).toBe("ok");
    expect(engine.unconfirmed()).toEqual({ generation: 2, base: 1, leftMs: 5000 });
    expect((await engine.confirm(1)).ok).toBe(false);
    expect(await engine.confirm(2)).toEqual({ ok: true, value: 2 });
    expect(engine.unconfirmed()).toBeUndefined();
    expect((await engine.confirm()).ok).toBe(false);
    await engine.close();
    bootClock.bootId = "boot-2";
    const again = await machine.open({ bootClock });
    expect([motd(again), again.generation()]).toEqual(["new", 2]);
  });

  test("without Engine.confirm() the generation before comes back and is applied", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await set(engine, "old");
    const events: SettingsEvent[] = [];
    engine.subscribe((event) => events.push(event));
    expect(await set(engine, "new", { confirmMs: 1000, apply: true })).toBe("ok");
    await until(() => engine.generation() === 4 && !engine.applying());
    expect(motd(engine)).toBe("old");
    expect(await machine.read("etc/motd")).toBe("old\n");
    expect(engine.explainSource("settings.motd")).toMatchObject({ kind: "api", generation: 4, by: "confirm" });
    expect(engine.generations()[0]?.author.message).toBe(
      "generation 3 is taken back to 2: it was not confirmed in time",
    );
    const applied = ["commit", "apply-start", "apply"];
    expect(events.map<string>(({ kind }) => kind)).toEqual([...applied, "commit", "revert", "apply-start", "apply"]);
  });

  const restarts = [
    ["another boot", { bootId: "boot-2", ms: 0 }, ["old", 4]],
    ["the same boot, in time", { bootId: "boot-1", ms: 2000 }, ["new", 3]],
    ["the same boot, too late", { bootId: "boot-1", ms: 6000 }, ["old", 4]],
  ] as const;
  for (const [name, later, wanted] of restarts) {
    test(`what waits is judged when the store is opened: ${name}`, async () => {
      await using machine = await TestMachine.make();
      const bootClock = new TestClock();
      const engine = await machine.open({ bootClock });
      await set(engine, "old");
      await set(engine, "new", { confirmMs: 5000 });
      await engine.close();
      Object.assign(bootClock, later);
      const again = await machine.open({ bootClock });
      expect([motd(again), again.generation()]).toEqual([...wanted]);
      expect(again.unconfirmed()?.leftMs).toBe(wanted[0] === "new" ? 4000 : undefined);
      await again.idle();
      // After another boot booting applies everything; in the same one the engine does.
      const applied = later.bootId === "boot-1" && wanted[0] === "old";
      expect(again.lastApply()?.keys).toEqual(applied ? ["settings.motd"] : undefined);
    });
  }

  test("while one generation waits every other commit is refused, but for taking it back", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open({ bootClock: new TestClock() });
    await set(engine, "old");
    await set(engine, "new", { confirmMs: 5000 });
    expect(await set(engine, "other")).toBe("unconfirmed");
    expect(await set(engine, "other", { confirmMs: 5000 })).toBe("unconfirmed");
    const elsewhere = await engine.restore(1, who);
    expect(elsewhere.ok ? "" : elsewhere.fault.code).toBe("unconfirmed");
    expect(await engine.restore(2, who)).toMatchObject({ ok: true, value: { generation: 4 } });
    expect([motd(engine), engine.unconfirmed()]).toEqual(["old", undefined]);
    expect(await set(engine, "other")).toBe("ok");
  });

  test("a time to confirm in is bounded", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    expect(await set(engine, "x", { confirmMs: 10 })).toBe("invalid-settings");
    expect(await set(engine, "x", { confirmMs: 1e9 })).toBe("invalid-settings");
    expect(engine.generation()).toBe(1);
  });

  test("a new setting that is taken back is gone, an old one has its origin again", async () => {
    await using machine = await TestMachine.make();
    const bootClock = new TestClock();
    const engine = await machine.open({ bootClock });
    engine.patch("t", { motd: "new", kernel: { sysctl: { "vm.swappiness": "1" } } });
    await engine.commit("t", who, { confirmMs: 5000 });
    await engine.close();
    bootClock.bootId = "boot-2";
    const again = await machine.open({ bootClock });
    expect(again.settings({ prefix: "kernel.sysctl" })).toEqual({});
    expect(again.explainSource("settings.motd")).toMatchObject({ kind: "default", generation: 3 });
  });
});
