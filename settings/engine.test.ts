import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { formatKey } from "./key.ts";
import { TestMachine } from "./testing.ts";
import type { Tree } from "./tree.ts";

const who = { source: "test", uid: 0, message: "because" };

/** Trees made here have no prototype; a comparison does not care. */
function plain(tree: Tree): unknown {
  return JSON.parse(JSON.stringify(tree));
}

describe("openEngine()", () => {
  test("openEngine() makes a store of defaults, once", async () => {
    await using machine = await TestMachine.make();
    const first = await machine.open();
    const { "oci-defaults": oci, ...rest } = first.settings();
    expect(JSON.stringify(oci)).toContain('"max-open-files":{"hard-limit":1048576,"soft-limit":65536}');
    expect(plain(rest)).toEqual({
      motd: "Welcome to Sparkler!",
      ntp: {
        "time-servers": [0, 1, 2, 3].map((number) => `${number}.debian.pool.ntp.org`),
        options: ["iburst"],
      },
      kernel: { lockdown: "none" },
      updates: { "version-lock": "latest", "ignore-waves": false },
      "host-containers": {
        admin: { source: "images.internal/admin:latest", enabled: false, superpowered: true },
        control: { source: "host.internal/control:latest", enabled: true, superpowered: false },
      },
    });
    expect(first.generation()).toBe(1);
    expect(first.explainSource("settings.motd")).toMatchObject({ kind: "default", generation: 1 });
    expect(first.explainSource("settings.network.hostname")).toBeUndefined();
    expect(first.lastApply()).toBeUndefined();
    await first.close();
    const second = await machine.open();
    expect(second.generation()).toBe(1);
    expect(await readdir(machine.folder)).not.toContain("store-0.1.0.sqlite-shm");
  });

  test("openEngine() refuses to share a store", async () => {
    await using machine = await TestMachine.make();
    await machine.open();
    const outcome: unknown = await machine.open().catch((got: unknown) => got);
    expect(outcome).toMatchObject({
      code: "store-failed",
      details: { path: join(machine.folder, "store-0.1.0.sqlite") },
    });
    expect(String(outcome)).toContain("another program has it open");
  });
});

describe("Engine.patch()", () => {
  test("Engine.patch() stages, Engine.commit() makes it live and durable", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    expect(engine.patch("t", { motd: "hi", kernel: { sysctl: { "vm.swappiness": "1" } } }).ok).toBe(true);
    expect(engine.patch("t", { motd: "hö ✓" }).ok).toBe(true);
    expect(engine.listTx()).toEqual(["t"]);
    expect(plain(engine.pending("t"))).toEqual({ motd: "hö ✓", kernel: { sysctl: { "vm.swappiness": "1" } } });
    expect(engine.settings({ prefix: "motd" })).toMatchObject({ motd: "Welcome to Sparkler!" });
    expect(await engine.commit("t", who)).toEqual({
      ok: true,
      value: { generation: 2, keys: ['settings.kernel.sysctl."vm.swappiness"', "settings.motd"] },
    });
    expect(engine.listTx()).toEqual([]);
    expect(engine.generation()).toBe(2);
    await engine.close();
    const again = await machine.open();
    expect(again.settings()).toMatchObject({ motd: "hö ✓", kernel: { sysctl: { "vm.swappiness": "1" } } });
    expect(again.explainSource('"settings".motd')).toMatchObject({ kind: "api", generation: 2, by: "test" });
  });

  test("Engine.patch() refuses all or nothing, with every problem", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const refused = engine.patch("t", { motd: "good", ntp: { options: [1], x: 1 }, network: { hostname: "a b" } });
    expect(refused.ok ? [] : refused.fault.problems).toMatchObject([
      { path: "settings.ntp.options[0]", message: "must be a string, got 1", wanted: "must be a string", got: "1" },
      { path: "settings.ntp.x", message: "is not a setting; known here: time-servers, options" },
      { path: "settings.network.hostname", got: '"a b"' },
    ]);
    expect(engine.listTx()).toEqual([]);
  });

  test("Engine.patch() bounds names and sizes of transactions", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const code = (result: ReturnType<typeof engine.patch>): string => (result.ok ? "ok" : result.fault.code);
    expect(["", "a\nb", "x".repeat(256)].map((tx) => code(engine.patch(tx, { motd: "x" })))).toEqual(
      Array.from({ length: 3 }, () => "invalid-transaction"),
    );
    expect(code(engine.patch("__proto__", { motd: "x" }))).toBe("ok");
    expect(code(engine.patch("none", {}))).toBe("ok");
    expect(engine.listTx()).toEqual(["__proto__"]);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a.b${index}`, "x".repeat(4000)]));
    expect(code(engine.patch("big", { kernel: { sysctl: many } }))).toBe("transaction-limit");
    for (let index = 1; index < 64; index++) engine.patch(`t${index}`, { motd: "x" });
    expect(code(engine.patch("one more", { motd: "x" }))).toBe("transaction-limit");
    expect(code(engine.patch("t1", { motd: "y" }))).toBe("ok");
  });

  test("Engine.patch() keeps names that every object has as data", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const body: unknown = JSON.parse('{"kernel":{"sysctl":{"__proto__":"1","constructor":"2"}}}');
    expect(engine.patch("t", body).ok).toBe(true);
    await engine.commit("t", who);
    expect(JSON.stringify(engine.settings({ prefix: "kernel.sysctl" }))).toBe(
      '{"kernel":{"sysctl":{"__proto__":"1","constructor":"2"}}}',
    );
    await engine.apply("all");
    expect(await machine.read("etc/sysctl.d/90-settings.conf")).toContain("__proto__ = 1\nconstructor = 2\n");
    expect(engine.patch("t", JSON.parse('{"__proto__":{"motd":"x"}}')).ok).toBe(false);
    expect(({} as { motd?: string }).motd).toBeUndefined();
  });

  test("Engine.patch() never throws on JSON, and commits what it takes", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const body = fc.record(
      {
        motd: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
        network: fc.record({ hostname: fc.oneof(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), fc.string()) }),
        kernel: fc.record({ sysctl: fc.dictionary(fc.stringMatching(/^[a-z.]{1,10}$/), fc.string()) }),
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, (settings) => {
        const staged = engine.patch("p", JSON.parse(JSON.stringify(settings)));
        const names = engine.dropTx("p");
        expect(staged.ok || staged.fault.problems.length > 0).toBe(true);
        expect(staged.ok || names.length === 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("Engine.patchPairs()", () => {
  const cases: Readonly<Record<string, readonly [readonly string[], unknown]>> = {
    "texts, the outer segment optional": [
      ["motd=a=b", "settings.network.hostname=h"],
      { motd: "a=b", network: { hostname: "h" } },
    ],
    "a text that looks like a number, where a text is wanted": [["motd=42"], { motd: "42" }],
    "true, where a text is wanted": [["motd=true"], { motd: "true" }],
    "a list in JSON": [['ntp.time-servers=["10.0.2.2", "b"]'], { ntp: { "time-servers": ["10.0.2.2", "b"] } }],
    "a text that looks like a list, where a text is wanted": [['motd=["x"]'], { motd: '["x"]' }],
    "a text that begins like a list": [["motd=[x"], { motd: "[x" }],
    "an empty text": [["motd="], { motd: "" }],
    "an object in JSON": [['network={"hostname":"h","hosts":[]}'], { network: { hostname: "h", hosts: [] } }],
    "an object in JSON, two deep": [['kernel={"sysctl":{"a.b":"1"}}'], { kernel: { sysctl: { "a.b": "1" } } }],
    "a text that looks like an object, where a text is wanted": [['motd={"x":1}'], { motd: '{"x":1}' }],
    "a quoted segment": [['kernel.sysctl."vm.swappiness"=10'], { kernel: { sysctl: { "vm.swappiness": "10" } } }],
  };
  for (const [name, [pairs, wanted]] of Object.entries(cases)) {
    test(`Engine.patchPairs() takes ${name}`, async () => {
      await using machine = await TestMachine.make();
      const engine = await machine.open();
      expect(engine.patchPairs("t", pairs).ok).toBe(true);
      expect(plain(engine.pending("t"))).toEqual(wanted);
    });
  }
  const bad: Readonly<Record<string, readonly [readonly string[], string, string]>> = {
    "no =": [["motd", "x=1"], "invalid-pair", 'settings: must be key=value, got "motd"; settings.x: is not a setting'],
    "a malformed key": [["a..b=1"], "invalid-pair", "a segment is empty"],
    "a key twice": [["motd=1", '"motd"=2'], "invalid-settings", "settings.motd: is given twice"],
    "a group": [["ntp=1"], "invalid-settings", "settings.ntp: must be an object"],
    "a list": [["ntp.options=iburst"], "invalid-settings", "a list or an object has to be given as JSON"],
    "an object's member": [['ntp={"server":["a"]}'], "invalid-settings", "settings.ntp.server: is not a setting"],
    "a list's item": [['ntp.time-servers=["a b"]'], "invalid-settings", "settings.ntp.time-servers"],
    "a key twice, once within an object": [
      ['ntp={"time-servers":["a"]}', 'ntp.time-servers=["b"]'],
      "invalid-settings",
      "settings.ntp.time-servers: is given twice",
    ],
    "a number out of bounds": [
      ["updates.seed=-1"],
      "invalid-settings",
      "settings.updates.seed: must be a whole number",
    ],
    "a text, where true or false is wanted": [["updates.ignore-waves=yes"], "invalid-settings", 'got "yes"'],
    "the whole": [["settings=1"], "invalid-settings", "settings: is not the name of a setting"],
    "below a value": [["motd.x=1"], "invalid-settings", "settings.motd: must be a string, got an object"],
  };
  for (const [name, [pairs, code, message]] of Object.entries(bad)) {
    test(`Engine.patchPairs() refuses ${name}`, async () => {
      await using machine = await TestMachine.make();
      const engine = await machine.open();
      const refused = engine.patchPairs("t", pairs);
      expect(refused.ok ? "" : refused.fault.code).toBe(code);
      expect(refused.ok ? "" : refused.fault.message).toContain(message);
      expect(engine.listTx()).toEqual([]);
    });
  }
});

describe("Engine.commit()", () => {
  test("Engine.commit() refuses when nothing is pending", async () => {
    await using machine = await TestMachine.make();
    const refused = await (await machine.open()).commit("t", who);
    expect(refused.ok ? "" : refused.fault.code).toBe("nothing-pending");
  });

  test("Engine.commit() bounds what all values take together, and keeps what was pending", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const outcomes: string[] = [];
    for (let round = 0; round < 6; round++) {
      const many = Array.from({ length: 220 }, (__, index) => [`a.b${round}-${index}`, "x".repeat(4000)] as const);
      engine.patch("t", { kernel: { sysctl: Object.fromEntries(many) } });
      const done = await engine.commit("t", who);
      outcomes.push(done.ok ? "ok" : done.fault.code);
    }
    expect(outcomes).toEqual(["ok", "ok", "ok", "ok", "invalid-settings", "invalid-settings"]);
    expect(engine.listTx()).toEqual(["t"]);
    expect(engine.dropTx("t").length).toBeGreaterThan(200);
    expect(engine.dropTx("t")).toEqual([]);
  });
});

describe("Engine.settings()", () => {
  test("Engine.settings() filters by keys and by prefix, keys first", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const names = (filter: Parameters<typeof engine.settings>[0]): string[] => leaves(engine.settings(filter)).sort();
    expect(names({ keys: ["settings.motd", "settings.nothing", '"settings"."motd"'], prefix: "ntp" })).toEqual([
      "motd",
    ]);
    expect(names({ prefix: "ntp.o" })).toEqual(["ntp.options"]);
    expect(names({ prefix: "settings.nt" })).toEqual(["ntp.options", "ntp.time-servers"]);
    expect(names({ prefix: "se" })).toEqual([]);
    expect(names({ prefix: "settings" })).toEqual(expect.arrayContaining(["motd", "kernel.lockdown"]));
    expect(names({ prefix: "host-containers.control" }).length).toBe(3);
    expect(() => engine.settings({ keys: ["a..b", "c d"] })).toThrow(/a segment is empty.*only letters/);
  });
});

describe("Engine.generate()", () => {
  test("Engine.generate() makes a host name of the machine's own, unless there is one", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const generated = ["settings.network.hostname", "settings.updates.seed"];
    expect(await engine.generate("t")).toEqual({ ok: true, value: generated });
    const { network } = engine.pending("t");
    expect(network).toMatchObject({ hostname: expect.stringMatching(/^sparkler-[0-9a-f]{12}$/) as string });
    expect(engine.pending("t")).toMatchObject({ updates: { seed: expect.any(Number) as number } });
    expect(JSON.stringify(network)).not.toContain("0123456789ab");
    expect(await engine.generate("t")).toEqual({ ok: true, value: [] });
    await engine.commit("t", who);
    expect(engine.explainSource("settings.network.hostname")).toMatchObject({ kind: "generator", detail: "hostname" });
    expect(await engine.generate("u")).toEqual({ ok: true, value: [] });
  });

  test("Engine.generate() passes over a machine without an identity, and fails on a broken one", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await machine.write("etc/machine-id", "uninitialized\n");
    expect(await engine.generate("t")).toEqual({ ok: true, value: ["settings.updates.seed"] });
    await machine.write("etc/machine-id", "../../x\n");
    const failed = await engine.generate("t");
    expect(failed.ok ? "" : failed.fault.code).toBe("generator-failed");
  });
});

describe("Engine tables", () => {
  test("Engine.services() and configurationFiles() name every unknown name", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const found = engine.services(["ntp"]);
    expect(found.ok ? found.value["ntp"]?.restartCommands : []).toEqual([
      ["/usr/bin/systemctl", "try-reload-or-restart", "chronyd.service"],
    ]);
    const refused = engine.services(["ntp", "a", "__proto__"]);
    expect(refused.ok ? [] : refused.fault.problems.map(({ path }) => path)).toEqual(["a", "__proto__"]);
    const files = engine.configurationFiles();
    expect(files.ok ? Object.values(files.value).map(({ path }) => path) : []).toContain("/etc/chrony/chrony.conf");
    expect(engine.configurationFiles(["x"]).ok).toBe(false);
    expect(engine.settingGenerators()).toMatchObject({ "settings.network.hostname": "hostname" });
    expect(engine.affectedServices(["settings.ntp.options"])).toEqual({ "settings.ntp.options": ["ntp"] });
  });
});

function leaves(tree: Tree, at: readonly string[] = []): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? leaves(value as Tree, [...at, name])
      : [formatKey([...at, name])],
  );
}
