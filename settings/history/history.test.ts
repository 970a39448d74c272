import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Engine } from "../engine.ts";
import { GENERATIONS_KEPT } from "../store/store.ts";
import { TestMachine } from "../testing.ts";

const who = { source: "test", uid: 1000, pid: 77, process: "apiclient", container: "admin", message: "because" };

async function commit(engine: Engine, body: unknown): Promise<void> {
  expect(engine.patch("t", body).ok).toBe(true);
  expect((await engine.commit("t", who)).ok).toBe(true);
}

describe("Engine.generations()", () => {
  test("Engine.generations() tells who, when, why and what, across restarts", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open({ now: () => new Date("2026-01-02T03:04:05Z") });
    await commit(engine, { motd: "a" });
    await engine.close();
    const again = await machine.open();
    expect(again.generations().map(({ number }) => number)).toEqual([2, 1]);
    expect(again.generationAt(2)).toEqual({
      ok: true,
      value: {
        number: 2,
        at: "2026-01-02T03:04:05.000Z",
        author: who,
        changes: [
          {
            name: "settings.motd",
            before: "Welcome to Sparkler!",
            beforeOrigin: { kind: "default" },
            after: "a",
            afterOrigin: { kind: "api" },
          },
        ],
      },
    });
    const none = again.generationAt(3);
    expect(none.ok ? "" : none.fault.message).toContain("there is no such generation; kept are 1 to 2");
  });

  test("Engine.generations() drops the oldest, and says that it is no longer kept", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const commits = Array.from({ length: GENERATIONS_KEPT + 5 }, (_, index) => {
      engine.patch(`t${index % 50}`, { motd: String(index) });
      return engine.commit(`t${index % 50}`, who);
    });
    expect((await Promise.all(commits)).every(({ ok }) => ok)).toBe(true);
    expect(engine.generations().length).toBe(GENERATIONS_KEPT);
    const gone = await engine.restore(2, who);
    expect(gone.ok ? "" : gone.fault.message).toContain("it is no longer kept");
    await engine.close();
    expect((await machine.open()).generations().length).toBe(GENERATIONS_KEPT);
  });
});

describe("Engine.diff()", () => {
  test("Engine.diff() compares any two generations", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await commit(engine, { motd: "a", kernel: { sysctl: { x: "1" } } });
    await commit(engine, { motd: "b" });
    expect(engine.diff(1, 2)).toEqual({
      ok: true,
      value: [
        { key: "settings.kernel.sysctl.x", to: "1" },
        { key: "settings.motd", from: "Welcome to Sparkler!", to: "a" },
      ],
    });
    expect(engine.diff(2)).toEqual({ ok: true, value: [{ key: "settings.motd", from: "a", to: "b" }] });
    expect(engine.diff(3, 3)).toEqual({ ok: true, value: [] });
    expect(engine.diff(9).ok).toBe(false);
  });
});

describe("Engine.restore()", () => {
  test("Engine.restore() brings back exactly the settings of any generation, whatever was done since", async () => {
    const value = fc.constantFrom("a", "b", "c");
    const step = fc.oneof(
      fc.record({ set: fc.record({ motd: value, sysctl: fc.dictionary(fc.constantFrom("x", "y", "z"), value) }) }),
      fc.record({ remove: fc.constantFrom("motd", "kernel.sysctl", "kernel.sysctl.x", "network") }),
      fc.record({ restore: fc.nat({ max: 5 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await using machine = await TestMachine.make();
        const engine = await machine.open();
        const seen = [JSON.stringify(engine.settings())];
        for (const each of steps) {
          if ("restore" in each) await engine.restore(1 + (each.restore % seen.length), who);
          else {
            if ("set" in each) engine.patch("t", { motd: each.set.motd, kernel: { sysctl: each.set.sysctl } });
            else engine.remove("t", [each.remove]);
            await engine.commit("t", who);
          }
          if (engine.generation() > seen.length) seen.push(JSON.stringify(engine.settings()));
        }
        for (const [index, settings] of seen.entries()) {
          expect((await engine.restore(index + 1, who)).ok).toBe(true);
          expect(JSON.stringify(engine.settings())).toBe(settings);
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  test("Engine.restore() brings back where values came from", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await commit(engine, { motd: "a" });
    await engine.restore(1, { source: "operator" });
    expect(engine.explainSource("settings.motd")).toMatchObject({ kind: "default", generation: 3, by: "operator" });
  });
});
