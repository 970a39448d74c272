import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ClientRig } from "./rig.ts";

let rig: ClientRig;

beforeAll(async () => {
  rig = await ClientRig.start();
});

afterAll(() => rig[Symbol.asyncDispose]());

async function json(words: string): Promise<unknown> {
  const { code, out, err } = await rig.run(words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as unknown;
}

describe("the preview form", () => {
  test("stages, shows and commits as its documents print it", async () => {
    expect(await rig.run(["-X", "PATCH", "-u", "/settings", "-d", '{"motd": "one"}'])).toEqual({
      code: 0,
      out: "",
      err: "",
    });
    expect(await rig.run("-u /tx")).toEqual({ code: 0, out: '{"motd":"one"}\n', err: "" });
    expect((await rig.run("-m POST -u /tx/commit_and_apply")).out).toBe('["settings.motd"]\n');
    expect((await rig.run("-u /settings?keys=settings.motd")).out).toBe('{"motd":"one"}\n');
  });

  test("a refusal is told on standard error, with exit status 1", async () => {
    const ended = await rig.run("-u /nowhere");
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toStartWith("Status 404 when GETing /nowhere: ");
  });

  test("-v tells the status", async () => {
    expect((await rig.run("-v -u /tx")).err).toBe("Status 200 when GETing /tx\n");
  });

  test("without a server it says so", async () => {
    const ended = await rig.run(["-s", join(rig.machine.root, "none"), "-u", "/tx"]);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain("no such socket");
  });
});

describe("changing", () => {
  test("set is applied when it returns, and quiet in a pipe", async () => {
    expect(await rig.run(["set", "motd=hello world"])).toEqual({ code: 0, out: "", err: "" });
    expect(await rig.machine.read("etc/motd")).toContain("hello world");
    expect(await json("get settings.motd")).toEqual({ settings: { motd: "hello world" } });
    expect((await rig.run("set motd=shown", { people: true })).err).toMatch(/^Applied as generation \d+\n$/);
  });

  test("nothing is left staged, whatever comes of it", async () => {
    await rig.run("set motd=x");
    await rig.run("set motd=x --plan");
    expect((await rig.run("set nonsense=1")).code).toBe(1);
    expect((await rig.run(["set", "-j", "{"])).err).toContain("Cannot read JSON");
    expect(await json("get /tx/list")).toEqual([]);
  });

  test("--plan tells what would happen and does nothing; --expect holds to it", async () => {
    await rig.run("set motd=before");
    const plan = (await json("set motd=after --plan")) as { hash: string; changes: object[] };
    expect(plan.changes).toEqual([{ key: "settings.motd", from: "before", to: "after", kind: "change" }]);
    expect(await json("get settings.motd")).toEqual({ settings: { motd: "before" } });
    const text = (await rig.run("set motd=after --plan", { people: true })).out;
    expect(text).toContain('"before" → "after"');
    expect(text).toContain("+after");
    expect((await rig.run(`set motd=other --expect ${plan.hash}`)).err).toContain("Status 412");
    expect((await rig.run(`set motd=after --expect ${plan.hash}`)).code).toBe(0);
    expect((await rig.run(`set motd=after --expect ${plan.hash}`)).err).toContain("no longer what was planned");
  });

  test("unset brings the default back, and knows what was meant", async () => {
    await rig.run("set motd=gone");
    expect(await rig.run("unset motd")).toEqual({ code: 0, out: "", err: "" });
    const motd = (await json("explain motd")) as { source?: { kind: string } }[];
    expect(motd[0]?.source?.kind ?? "default").toBe("default");
    const ended = await rig.run("unset motdd");
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('did you mean "motd"?');
  });

  test("apply takes standard input, paths and URLs, in their order", async () => {
    await rig.machine.write("a.toml", '[settings]\nmotd = "from a file"\n');
    const path = join(rig.machine.root, "a.toml");
    using server = Bun.serve({ port: 0, fetch: () => new Response('{"settings":{"motd":"from a server"}}') });
    const sources: readonly (readonly [string[], string])[] = [
      [["-"], "typed"],
      [[path], "from a file"],
      [[`file://${path}`, "-"], "typed"],
      [["-", String(server.url)], "from a server"],
    ];
    for (const [words, motd] of sources) {
      const ended = await rig.run(["apply", ...words], { stdin: 'settings.motd = "typed"' });
      expect(ended).toEqual({ code: 0, out: "", err: "" });
      expect(await json("get settings.motd")).toEqual({ settings: { motd } });
    }
    expect((await rig.run("apply", { stdin: "motd = 1" })).err).toContain('no table "settings"');
    expect((await rig.run(["apply", join(rig.machine.root, "no")])).err).toContain("Cannot read");
    expect((await rig.run("apply", { stdin: `#${"x".repeat(1024 * 1024)}` })).err).toContain("larger than 1 MiB");
  });

  test("the exit status says whether it works", async () => {
    rig.machine.broken.add("/");
    try {
      const ended = await rig.run(["set", "-j", '{"ntp":{"time-servers":["10.0.2.9"]}}']);
      expect(ended.code).toBe(1);
      expect(ended.err).toContain("exit status 1");
      expect(ended.err).toContain("do not work in full");
      expect((await rig.run("outcome")).code).toBe(1);
    } finally {
      rig.machine.broken.clear();
    }
    expect((await rig.run("unset ntp.time-servers")).code).toBe(0);
    expect((await rig.run("outcome", { people: true })).out).toContain("works");
  });
});

test("host-containers shows how far each is, and a word of theirs steers no terminal", async () => {
  rig.statuses.set("control", { phase: "failing", why: "no\u001b[2Jthing", pid: 5 });
  expect(await json("host-containers")).toMatchObject([{ name: "admin", phase: "off" }, { name: "control" }]);
  const { out } = await rig.run("host-containers", { people: true });
  expect(out).toContain("host.internal/control:latest");
  expect(out).toContain("no\\u{1b}[2Jthing");
  rig.statuses.clear();
});

describe("history", () => {
  test("keeps who and why, and goes back", async () => {
    await rig.run("set motd=first");
    await rig.run(["set", "motd=second", "--message", "because ü"]);
    const [last, before] = (await json("history")) as { number: number; author: object }[];
    expect(last?.author).toMatchObject({ source: "apiclient", message: "because ü" });
    expect(await json(`diff ${before?.number}`)).toEqual([{ key: "settings.motd", from: "first", to: "second" }]);
    expect((await rig.run(`diff ${before?.number}`, { people: true })).out).toBe(
      '- settings.motd = "first"\n+ settings.motd = "second"\n',
    );
    expect((await rig.run("history", { people: true })).out).toContain('"because ü"');
    expect((await rig.run(`restore ${before?.number}`)).code).toBe(0);
    expect(await json("get settings.motd")).toEqual({ settings: { motd: "first" } });
    expect((await rig.run("restore 999999")).err).toContain("Status 404");
  });

  test("a change that waits is confirmed, and others wait for that", async () => {
    const ended = await rig.run("set motd=careful --confirm 5m");
    expect(ended).toMatchObject({ code: 0, out: "" });
    expect(ended.err).toContain("apiclient confirm");
    expect((await rig.run("set motd=other")).err).toContain("Status 409");
    expect(await rig.run("confirm")).toEqual({ code: 0, out: "", err: "" });
    expect((await rig.run("confirm")).code).toBe(1);
    expect((await rig.run("set motd=other")).code).toBe(0);
  });

  test("explain is a table for people", async () => {
    const { out } = await rig.run("explain motd", { people: true });
    expect(out).toContain("settings.motd");
    expect(out).toContain("/etc/motd");
  });
});

describe("asking", () => {
  test("get without a match hints at what was meant", async () => {
    const ended = await rig.run("get settings.ntpp");
    expect(ended).toMatchObject({ code: 0, out: "{}\n" });
    expect(ended.err).toContain('did you mean "settings.ntp"?');
  });

  test("reboot, help, and wrong use have their exit codes", async () => {
    expect((await rig.run("reboot")).code).toBe(0);
    expect(rig.reboots).toBe(1);
    expect((await rig.run("--help")).code).toBe(2);
    expect((await rig.run("nonsense")).code).toBe(2);
  });

  test("watch tells commits, applies and units that fail", async () => {
    const stop = new AbortController();
    const watching = rig.run("watch", {
      signal: stop.signal,
      onOut: (out) => (out.includes("unit-failed") ? stop.abort() : undefined),
    });
    while (rig.failUnit === undefined) await Bun.sleep(5);
    await rig.run("set motd=watched");
    rig.failUnit({ unit: "x.service", result: "exit-code", at: "2026-01-01T00:00:00.000Z" });
    const lines = (await watching).out.trim().split("\n");
    const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toEqual(["commit", "apply-start", "apply", "unit-failed"]);
    while (rig.failUnit !== undefined) await Bun.sleep(5);
  });
});
