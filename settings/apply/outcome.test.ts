import { describe, expect, test } from "bun:test";
import { ok } from "../../base/result.ts";
import type { Engine } from "../engine.ts";
import { TestMachine } from "../testing.ts";
import { readStates } from "./system-units.ts";
import { problemOf, type UnitManager, type UnitState, unitsOf } from "./units.ts";

const who = { source: "test" };

function units(states: readonly UnitState[]): UnitManager {
  return {
    settleMs: 0,
    states: (names) => Promise.resolve(ok(states.filter(({ unit }) => names.includes(unit)))),
    lastLines: (unit) => Promise.resolve([`${unit} says why`]),
  };
}

async function set(engine: Engine): Promise<number> {
  engine.patch("t", { ntp: { options: ["iburst"] } });
  const done = await engine.commit("t", who, { apply: true });
  return (done.ok ? done.value.outcome : undefined) ?? 0;
}

/** Commands that do not come back, as when the machine goes down meanwhile. */
function neverBack(): Promise<never> {
  return new Promise(() => {});
}

describe("Engine.outcome()", () => {
  test("Engine.outcome() is there as soon as the commit is", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const number = await set(engine);
    expect(engine.outcome(number)?.state).toMatch(/waiting|applying/);
    await engine.idle();
    expect(engine.outcome(number)).toMatchObject({
      number,
      state: "done",
      outcome: { number, ok: true, generation: 2 },
    });
    expect(engine.outcome(number + 1)).toBeUndefined();
    expect(engine.outcome(0)).toBeUndefined();
    expect(engine.outcome(1.5)).toBeUndefined();
  });

  test("Engine.outcome() answers for each of several that were merged", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const tickets = [engine.requestApply(["settings.motd"]), engine.requestApply(["settings.ntp"])];
    const last = (await tickets[1]?.done)?.number ?? 0;
    expect(tickets.map(({ number }) => number)).toEqual([last - 1, last]);
    for (const { number } of tickets) {
      expect(engine.outcome(number)).toMatchObject({
        number,
        state: "done",
        outcome: { first: last - 1, number: last },
      });
    }
  });

  test("numbers of outcomes are never given twice, also after the program was killed", async () => {
    await using machine = await TestMachine.make();
    const seen: number[] = [];
    for (let round = 0; round < 4; round++) {
      const engine = await machine.open();
      seen.push(engine.requestApply([]).number, engine.requestApply([]).number);
      // Closed without recording anything: what a kill leaves behind.
      await engine.close();
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    const engine = await machine.open();
    expect(engine.outcome(seen[0] ?? 0)?.state).toBe("interrupted");
  });

  test("what a commit asked to be applied is applied after a restart in the same boot", async () => {
    await using machine = await TestMachine.make();
    const bootClock = { bootId: "one", nowMs: () => 0 };
    const first = await machine.open({ bootClock });
    const number = await set(first);
    await first.close();
    const same = await machine.open({ bootClock });
    await same.idle();
    expect(same.outcome(number)).toMatchObject({ state: "done", outcome: { first: number, ok: true } });
  });

  test("after another boot it waits for booting to apply everything", async () => {
    await using machine = await TestMachine.make();
    const first = await machine.open({ bootClock: { bootId: "one", nowMs: () => 0 }, serviceRunner: neverBack });
    const number = await set(first);
    await first.close();
    const next = await machine.open({ bootClock: { bootId: "two", nowMs: () => 0 } });
    await next.idle();
    expect([machine.ran.length, next.outcome(number)?.state]).toEqual([0, "waiting"]);
    await next.apply("all");
    expect(next.outcome(number)).toMatchObject({ state: "done", outcome: { keys: "all" } });
    await next.close();
    expect((await machine.open()).outcome(number)?.state).toBe("done");
  });
});

describe("units after their commands", () => {
  test("a unit that fails a moment after its command is a failure, with its last lines", async () => {
    await using machine = await TestMachine.make();
    const failed = { unit: "chronyd.service", active: "failed", sub: "failed", restarts: 0 };
    const engine = await machine.open({ units: units([failed]) });
    await set(engine);
    await engine.idle();
    expect(engine.lastApply()).toMatchObject({
      ok: false,
      services: [
        {
          name: "ntp",
          state: "failed",
          commands: [{ state: "done" }],
          checks: [{ step: "look at chronyd.service", state: "failed" }],
          journal: [{ unit: "chronyd.service", lines: ["chronyd.service says why"] }],
        },
      ],
    });
  });

  test("a command that fails brings the last lines of its unit", async () => {
    await using machine = await TestMachine.make();
    machine.broken.add("/usr/bin/systemctl");
    const engine = await machine.open({ units: units([]) });
    await set(engine);
    await engine.idle();
    expect(engine.lastApply()?.services[0]?.journal).toEqual([
      { unit: "chronyd.service", lines: ["chronyd.service says why"] },
    ]);
  });

  test("a unit that runs, or is not due yet, is fine, and applying everything does not wait for units", async () => {
    await using machine = await TestMachine.make();
    const idle = { unit: "chronyd.service", active: "inactive", sub: "dead", restarts: 0 };
    const engine = await machine.open({ units: units([idle]) });
    await set(engine);
    await engine.idle();
    expect(engine.lastApply()).toMatchObject({ ok: true, services: [{ checks: [{ state: "done" }] }] });
    expect((await engine.apply("all")).services.find(({ name }) => name === "ntp")?.checks).toEqual([]);
  });

  const restart = [["/usr/bin/systemctl", "try-restart", "a.service"]] as const;
  const reload = [["/usr/bin/systemctl", "try-reload-or-restart", "a.service"]] as const;
  const judged = [
    ["running", { active: "active", sub: "running", restarts: 0 }, restart, true],
    ["waiting to be restarted", { active: "activating", sub: "auto-restart", restarts: 1 }, reload, false],
    ["restarted by itself after a restart", { active: "active", sub: "running", restarts: 2 }, restart, false],
    ["restarted by itself long before a reload", { active: "active", sub: "running", restarts: 2 }, reload, true],
  ] as const;
  for (const [name, state, commands, good] of judged) {
    test(`problemOf() judges a unit that is ${name}`, () => {
      expect(problemOf({ unit: "a.service", ...state }, commands) === undefined).toBe(good);
    });
  }

  test("unitsOf() and readStates() read what systemctl is told and says", () => {
    expect(unitsOf([...restart, ["/bin/other", "b.service"], ["/usr/bin/systemctl", "daemon-reload"]])).toEqual([
      "a.service",
    ]);
    const text =
      "Id=a.service\nActiveState=active\nSubState=running\nNRestarts=3\n\nId=b.timer\nActiveState=failed\nSubState=failed\n";
    expect(readStates(text)).toEqual([
      { unit: "a.service", active: "active", sub: "running", restarts: 3 },
      { unit: "b.timer", active: "failed", sub: "failed", restarts: 0 },
    ]);
  });
});
