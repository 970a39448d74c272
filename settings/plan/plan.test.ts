import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Edit } from "../store/batch.ts";
import { TestMachine } from "../testing.ts";
import { planChange } from "./change-plan.ts";
import { diffOf } from "./file-diff.ts";

const who = { source: "test" };
const isOpen = (line: string): boolean => line === "user x";
const edit = (value: Edit["value"]): Edit => ({ value, origin: { kind: "api" } });

describe("Engine.plan()", () => {
  test("Engine.plan() tells values, files, services, and touches nothing", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await engine.apply("all");
    machine.ran.length = 0;
    engine.patch("t", { motd: "new", ntp: { "time-servers": ["10.0.2.2"] } });
    const planned = await engine.plan({ tx: "t" });
    expect(planned).toMatchObject({
      ok: true,
      value: {
        base: 1,
        changes: [
          { key: "settings.motd", from: "Welcome to Sparkler!", to: "new", kind: "change" },
          { key: "settings.ntp.time-servers", to: ["10.0.2.2"], kind: "change" },
        ],
        services: [
          { name: "motd", effect: "none", commands: [] },
          {
            name: "ntp",
            effect: "restart",
            commands: [["/usr/bin/systemctl", "try-reload-or-restart", "chronyd.service"]],
          },
        ],
        reboot: [],
      },
    });
    const files = planned.ok ? planned.value.files : [];
    expect(files.map(({ path }) => path)).toEqual(["/etc/motd", "/etc/chrony/chrony.conf"]);
    expect(files[0]?.diff).toBe("--- /etc/motd\n+++ /etc/motd\n@@ -1,1 +1,1 @@\n-Welcome to Sparkler!\n+new\n");
    expect([engine.generation(), engine.listTx(), machine.ran]).toEqual([1, ["t"], []]);
    expect(await machine.read("etc/motd")).toBe("Welcome to Sparkler!\n");
  });

  test("Engine.plan() of going back is what restoring does", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    engine.patch("t", { motd: "new" });
    await engine.commit("t", who);
    const planned = await engine.plan({ restore: 1 });
    expect(planned.ok ? planned.value.changes : []).toEqual([
      { key: "settings.motd", from: "new", to: "Welcome to Sparkler!", kind: "change" },
    ]);
    const expected = planned.ok ? planned.value.hash : "";
    expect(await engine.restore(1, who, { expect: expected })).toMatchObject({ ok: true, value: { generation: 3 } });
    expect((await engine.plan({ restore: 9 })).ok).toBe(false);
    expect((await engine.plan({ tx: "none" })).ok).toBe(false);
  });

  test("Engine.plan() shows what comes in place of what is removed", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    engine.patch("t", { motd: "mine", network: { hostname: "mine" }, kernel: { sysctl: { a: "1" } } });
    await engine.commit("t", who);
    expect(engine.remove("t", ["motd", "settings.network", "kernel.sysctl"])).toEqual({
      ok: true,
      value: ["settings.kernel.sysctl.a", "settings.motd", "settings.network.hostname"],
    });
    const planned = await engine.plan({ tx: "t" });
    expect(planned.ok ? planned.value.changes.map(({ key, kind }) => [key, kind]) : []).toEqual([
      ["settings.kernel.sysctl.a", "remove"],
      ["settings.motd", "change"],
      ["settings.network.hostname", "change"],
    ]);
    const expected = planned.ok ? planned.value.hash : "";
    expect((await engine.commit("t", who, { expect: expected })).ok).toBe(true);
    expect(engine.settings()).toMatchObject({ motd: "Welcome to Sparkler!" });
  });
});

describe("commit() with expect", () => {
  const cases = {
    "another commit came between": async (engine: Awaited<ReturnType<TestMachine["open"]>>) => {
      engine.patch("u", { motd: "between" });
      await engine.commit("u", who);
    },
    "more was staged": async (engine: Awaited<ReturnType<TestMachine["open"]>>) => {
      engine.patch("t", { network: { hostname: "more" } });
    },
  };
  for (const [name, change] of Object.entries(cases)) {
    test(`commit() with expect refuses when ${name}`, async () => {
      await using machine = await TestMachine.make();
      const engine = await machine.open();
      engine.patch("t", { motd: "new" });
      const planned = await engine.plan({ tx: "t" });
      await change(engine);
      const refused = await engine.commit("t", who, { expect: planned.ok ? planned.value.hash : "" });
      expect(refused.ok ? "" : refused.fault.code).toBe("plan-changed");
      expect(engine.pending("t")).toMatchObject({ motd: "new" });
    });
  }
});

describe("planChange()", () => {
  test("planChange() foretells exactly the commands that applying runs", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const values = fc.record(
      {
        motd: fc.constantFrom("a", "b"),
        ntp: fc.record({ options: fc.constantFrom<readonly string[]>(["iburst"], []) }),
        network: fc.record({ hostname: fc.constantFrom("a", "b") }),
        kernel: fc.record({ sysctl: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("1", "2")) }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom("", "motd", "kernel", "network"), async (body, removed) => {
        engine.patch("t", body);
        if (removed !== "") engine.remove("t", [removed]);
        const planned = await engine.plan({ tx: "t" });
        if (!planned.ok) return;
        const done = await engine.commit("t", who, { expect: planned.value.hash });
        machine.ran.length = 0;
        await engine.apply(done.ok ? done.value.keys : []);
        const foretold = planned.value.services.flatMap(({ commands }) => commands.map((words) => words.join(" ")));
        expect(machine.ran.map(({ command }) => command)).toEqual(foretold);
      }),
      { numRuns: 60 },
    );
  });

  test("planChange() says which file could not be rendered", () => {
    const before = new Map([["settings.ntp.time-servers", edit(["a"])]]);
    const planned = planChange(1, before, new Map([["settings.ntp.options", edit(["bad\noption"])]]));
    expect(planned.files).toMatchObject([
      { path: "/etc/chrony/chrony.conf", diff: "", problem: expect.any(String) as string },
    ]);
  });
});

describe("diffOf()", () => {
  test("diffOf() replaces every line that may not be shown", () => {
    expect(diffOf({ path: "/f", from: "user x\nkey a\n", to: "user x\nkey b\n", isOpen })).toBe(
      "--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n user x\n-[redacted]\n+[redacted]\n",
    );
  });

  test("diffOf() bounds what it shows", () => {
    const text = Array.from({ length: 5000 }, (_, index) => `${index}\n`).join("");
    expect(diffOf({ path: "/f", from: "", to: text, isOpen: undefined })).toMatch(/… and 3001 more lines\n$/);
  });
});
