import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Fault, fail } from "../../base/result.ts";
import { ServerRig } from "./rig.ts";
import { fakeOs } from "./testing.ts";

let rig: ServerRig;

beforeEach(async () => {
  rig = await ServerRig.start();
});

afterEach(() => rig[Symbol.asyncDispose]());

describe("settings", () => {
  test("a change is staged, then committed, then applied in the background", async () => {
    const patched = await rig.call("PATCH", "/settings", { motd: "hi", network: { hostname: "a" } });
    expect(patched).toMatchObject({ status: 204, text: "" });
    expect((await rig.call("GET", "/settings")).json).toEqual({});
    expect((await rig.call("GET", "/tx")).json).toEqual({ motd: "hi", network: { hostname: "a" } });
    expect((await rig.call("GET", "/tx/list")).json).toEqual(["default"]);
    const committed = await rig.call("POST", "/tx/commit_and_apply");
    expect(committed.json).toEqual(["settings.motd", "settings.network.hostname"]);
    expect((await rig.call("GET", "/settings")).json).toEqual({ motd: "hi", network: { hostname: "a" } });
    await Bun.sleep(20);
    expect(rig.engine.applied).toEqual([["settings.motd", "settings.network.hostname"]]);
    expect((await rig.call("GET", "/tx/list")).json).toEqual([]);
  });

  test("reads select by keys, which win over a prefix, and by prefix", async () => {
    await rig.call("PATCH", "/settings?tx=a", { motd: "hi", network: { hostname: "a" } });
    await rig.call("POST", "/tx/commit?tx=a");
    expect((await rig.call("GET", "/settings?keys=settings.motd,settings.none&prefix=network")).json).toEqual({
      motd: "hi",
    });
    for (const prefix of ["net", "settings.net", "settings.network.hostname"]) {
      expect((await rig.call("GET", `/settings?prefix=${prefix}`)).json).toEqual({ network: { hostname: "a" } });
    }
    expect((await rig.call("GET", "/settings?prefix=zzz")).json).toEqual({});
    expect((await rig.call("GET", "/settings?prefix=settings.")).json).toEqual({
      motd: "hi",
      network: { hostname: "a" },
    });
  });

  test("every problem is named on a line of its own, and nothing is staged", async () => {
    const refused = await rig.call("PATCH", "/settings?tx=t", {
      motd: 5,
      nonsense: { deep: "x" },
      network: { hostname: "a" },
    });
    expect(refused.status).toBe(400);
    expect(refused.text.split("\n").slice(1)).toEqual([
      "settings.motd: must be a string",
      "settings.nonsense.deep: is not known",
    ]);
    expect((await rig.call("GET", "/tx?tx=t")).json).toEqual({});
    expect(rig.lines.join("")).toContain("settings.nonsense.deep: is not known");
  });

  test("key pairs are staged, and a wrong shape is refused", async () => {
    const good = { request_payload: ["motd=a=b", "settings.network.hostname=h"] };
    expect((await rig.call("PATCH", "/settings/keypair?tx=k", good)).status).toBe(204);
    expect((await rig.call("GET", "/tx?tx=k")).json).toEqual({ motd: "a=b", network: { hostname: "h" } });
    for (const bad of [{}, [], { request_payload: "a=b" }, { request_payload: [1] }, { request_payload: ["nope"] }]) {
      expect((await rig.call("PATCH", "/settings/keypair", bad)).status).toBe(400);
    }
  });

  test("names of prototypes are data like any other", async () => {
    const body = '{"kernel":{"sysctl":{"__proto__":"1","constructor":"2","toString":"3"}}}';
    expect((await rig.call("PATCH", "/settings?tx=p", body)).status).toBe(204);
    expect((await rig.call("GET", "/tx?tx=p")).text).toBe(body);
    expect((await rig.call("PATCH", "/settings", '{"__proto__":{"motd":"x"}}')).text).toContain(
      "settings.__proto__.motd",
    );
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect((await rig.call("GET", `/services?names=${name}`)).status).toBe(404);
      expect((await rig.call("GET", `/configuration-files?names=${name}`)).status).toBe(404);
      expect((await rig.call("GET", `/settings?${name}=x`)).status).toBe(400);
      expect((await rig.call("GET", `/${name}`)).status).toBe(404);
    }
    expect(({} as Record<string, unknown>)["motd"]).toBeUndefined();
  });

  test("dropping a transaction names what it held", async () => {
    await rig.call("PATCH", "/settings?tx=d", { motd: "x" });
    expect((await rig.call("DELETE", "/tx?tx=d")).json).toEqual(["settings.motd"]);
    expect((await rig.call("DELETE", "/tx?tx=d")).json).toEqual([]);
    expect((await rig.call("POST", "/tx/commit?tx=d")).status).toBe(422);
  });

  test("who and where from are kept with a commit", async () => {
    await rig.call("PATCH", "/settings?tx=o&from=user-data:/some/file", { motd: "x" });
    await rig.call("POST", "/tx/commit?tx=o", undefined, { "User-Agent": "settings-applier" });
    const source = rig.engine.explainSource("settings.motd");
    expect(source).toMatchObject({ kind: "user-data", detail: "/some/file", by: "settings-applier" });
    await rig.call("PATCH", "/settings?tx=o", { motd: "y" });
    await rig.call("POST", "/tx/commit?tx=o", undefined, { "User-Agent": 'Evil/1 "x"' });
    expect(rig.engine.explainSource("settings.motd")).toMatchObject({ kind: "api", by: "api" });
  });

  test("50 transactions at once are each committed whole", async () => {
    const sent = Array.from({ length: 50 }, async (_, index) => {
      const name = `n${index}`;
      const body = { kernel: { sysctl: { [name]: `${index}` } } };
      expect((await rig.call("PATCH", `/settings?tx=${name}`, body)).status).toBe(204);
      return (await rig.call("POST", `/tx/commit_and_apply?tx=${name}`)).json;
    });
    const answers = await Promise.all(sent);
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => [`settings.kernel.sysctl.n${index}`]));
    const sysctl = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}`, `${index}`]));
    expect((await rig.call("GET", "/settings?prefix=kernel")).json).toEqual({ kernel: { sysctl } });
    expect(rig.engine.generation()).toBe(51);
    await Bun.sleep(20);
    expect(new Set(rig.engine.applied.flat()).size).toBe(50);
  });
});

describe("applying", () => {
  test("one run at a time, and what waits is merged", async () => {
    let running = 0;
    let most = 0;
    rig.applying = async () => {
      running += 1;
      most = Math.max(most, running);
      await Bun.sleep(40);
      running -= 1;
      return {};
    };
    const first = rig.call("POST", "/tx/apply?keys=settings.a&wait=true");
    await Bun.sleep(15);
    expect((await rig.call("POST", "/tx/apply?keys=settings.b")).status).toBe(204);
    expect((await rig.call("GET", "/status/apply")).json).toMatchObject({ applying: true });
    const others = ["settings.b", "settings.c"].map((key) => rig.call("POST", `/tx/apply?keys=${key}&wait=true`));
    expect((await first).json).toMatchObject({ keys: ["settings.a"] });
    for (const other of await Promise.all(others))
      expect(other.json).toMatchObject({ keys: ["settings.b", "settings.c"] });
    expect(rig.engine.applied).toEqual([["settings.a"], ["settings.b", "settings.c"]]);
    expect(most).toBe(1);
  });

  test("without keys all is applied, which swallows what waits beside it", async () => {
    const both = [rig.call("POST", "/tx/apply?keys=settings.a&wait=true"), rig.call("POST", "/tx/apply?wait=true")];
    await Promise.all(both);
    expect(rig.engine.applied.at(-1)).toBe("all");
  });

  test("a failure is logged piece by piece as an error and kept for reading", async () => {
    rig.applying = async () => ({
      ok: false,
      files: [{ name: "motd", path: "/etc/motd", state: "failed", durationMs: 1, problem: "disk is full" }],
      services: [
        {
          name: "ntp",
          state: "failed",
          commands: [{ step: "/bin/restart", state: "failed", durationMs: 1, problem: "no unit" }],
          checks: [],
        },
      ],
    });
    await rig.call("PATCH", "/settings", { motd: "x" });
    expect((await rig.call("POST", "/tx/commit_and_apply")).status).toBe(200);
    await Bun.sleep(20);
    const text = rig.lines.join("");
    expect(text).toContain("disk is full");
    expect(text).toContain("no unit");
    expect((await rig.call("GET", "/status/apply")).json).toMatchObject({
      applying: false,
      last: { ok: false, generation: 2 },
    });
    expect((await rig.call("GET", "/status")).json).toEqual({
      generation: 2,
      applied: 2,
      applying: false,
      unconfirmed: null,
    });
  });

  test("an rig.engine that throws is told to who waits, and the next run goes on", async () => {
    rig.applying = () => Promise.reject(new Error("out of luck"));
    expect(await rig.call("POST", "/tx/apply?wait=true")).toMatchObject({
      status: 500,
      text: "Cannot apply settings: out of luck",
    });
    rig.applying = async () => ({});
    expect((await rig.call("POST", "/tx/apply?wait=true")).status).toBe(200);
  });

  test("generators stage what nobody has set", async () => {
    expect((await rig.call("POST", "/tx/generate?tx=g")).json).toEqual(["settings.network.hostname"]);
    expect((await rig.call("POST", "/tx/generate?tx=g")).json).toEqual([]);
    expect((await rig.call("GET", "/tx?tx=g")).json).toEqual({ network: { hostname: "made" } });
  });
});

describe("reading", () => {
  test("the model has four sections, and a prefix selects in them", async () => {
    await rig.call("PATCH", "/settings", { motd: "m" });
    await rig.call("POST", "/tx/commit");
    const services = {
      motd: { "configuration-files": ["motd"], "restart-commands": ["/bin/one two"] },
      multi: { "configuration-files": ["motd"], "restart-commands": ["/bin/one two"] },
    };
    const files = { motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd.hbs", mode: "0644" } };
    const whole = { settings: { motd: "m" }, services, "configuration-files": files, os: fakeOs };
    const cases: readonly (readonly [string, object])[] = [
      ["/", whole],
      ["/?prefix=se", { settings: { motd: "m" }, services }],
      ["/?prefix=settings", { settings: { motd: "m" } }],
      ["/?prefix=settings.", { settings: { motd: "m" } }],
      ["/?prefix=settings.mo", { settings: { motd: "m" } }],
      ["/?prefix=settings.zz", {}],
      ["/?prefix=os.v", { os: { variant_id: "test", version_id: "1.2.3" } }],
      ["/?prefix=os.", { os: fakeOs }],
      ["/?prefix=services.mu", { services: { multi: services.multi } }],
      ["/?prefix=zz", {}],
      ["/os", fakeOs],
      ["/os?prefix=os.arch", { arch: "x86_64" }],
      ["/services", services],
      ["/services?names=motd", { motd: services.motd }],
      ["/services?prefix=services.mu", { multi: services.multi }],
      ["/configuration-files?names=motd", files],
      ["/configuration-files", files],
      ["/metadata/affected-services?keys=settings.motd,settings.other", { "settings.motd": ["motd"] }],
      ["/metadata/setting-generators", { "settings.network.hostname": "hostname" }],
      ["/metadata/templates?keys=settings.motd", {}],
    ];
    for (const [uri, wanted] of cases) expect([uri, (await rig.call("GET", uri)).json]).toEqual([uri, wanted]);
    expect(cases.length).toBeGreaterThan(0);
  });

  test("reboot answers 204, or 500 with what was said against it", async () => {
    expect((await rig.call("POST", "/actions/reboot")).status).toBe(204);
    rig.rebooting = async () => fail(new Fault("exit-status", "exit status 1: an inhibitor"));
    const refused = await rig.call("POST", "/actions/reboot");
    expect(refused.status).toBe(500);
    expect(refused.text).toContain("inhibitor");
  });
});
