import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeSettings } from "./decode.ts";
import { affectedServices, allSettings, defaultValues, settingGenerators } from "./describe.ts";

describe("decodeSettings()", () => {
  test("decodeSettings() gives pairs of full names, map members quoted", () => {
    const decoded = decodeSettings({
      motd: "hi",
      ntp: { "time-servers": ["a.example"] },
      kernel: { sysctl: { "net.ipv4.ip_forward": "1" } },
    });
    expect(decoded.problems).toEqual([]);
    expect([...decoded.pairs]).toEqual([
      ["settings.motd", "hi"],
      ["settings.ntp.time-servers", ["a.example"]],
      ['settings.kernel.sysctl."net.ipv4.ip_forward"', "1"],
    ]);
  });

  test("decodeSettings() lists all problems at once with their paths and hints", () => {
    const body = JSON.parse(
      '{"motd":1,"ntpp":{},"ntp":{"time-servers":["a b","ok"],"option":[]},"network":{"hostname":"-A"},' +
        '"kernel":{"sysctl":{"a..b":"1","vm.swappiness":2}},"__proto__":{"x":1}}',
    ) as unknown;
    const { problems } = decodeSettings(body);
    expect(problems.map((problem) => problem.path)).toEqual([
      "settings.motd",
      "settings.ntpp",
      "settings.ntp.time-servers[0]",
      "settings.ntp.option",
      "settings.network.hostname",
      "settings.network.hostname",
      "settings.network.hostname",
      'settings.kernel.sysctl."a..b"',
      'settings.kernel.sysctl."vm.swappiness"',
      "settings.__proto__",
    ]);
    expect(problems[1]?.message).toBe('is not a setting; did you mean "ntp"?');
    expect(problems[3]?.message).toBe('is not a setting; did you mean "options"?');
  });

  test("decodeSettings() takes a map of registries as the list, and a member under its other name", () => {
    const mirrors = { "docker.io": ["https://m.example"], "*": ["https://n.example"] };
    const creds = [{ registry: "m.example", username: "reader", password: "secret" }];
    const { pairs, problems } = decodeSettings({ "container-registry": { mirrors, creds } });
    expect(problems).toEqual([]);
    expect(Object.fromEntries(pairs)).toEqual({
      "settings.container-registry.mirrors": [
        { registry: "docker.io", endpoint: ["https://m.example"] },
        { registry: "*", endpoint: ["https://n.example"] },
      ],
      "settings.container-registry.credentials": creds,
    });
    const wrong = { mirrors: { "docker.io": ["a b"] }, creds: [], credentials: [] };
    expect(decodeSettings({ "container-registry": wrong }).problems.map(({ path }) => path)).toEqual([
      "settings.container-registry.mirrors[0].endpoint[0]",
      "settings.container-registry.creds",
    ]);
  });

  test("decodeSettings() takes null as not given, at every depth", () => {
    expect(decodeSettings({ motd: null, ntp: { options: null }, kernel: { sysctl: { "a.b": null } } })).toEqual({
      pairs: new Map(),
      problems: [],
    });
  });

  test("decodeSettings() takes an empty object as not given, and an empty list or text as a value", () => {
    const empty = { ntp: {}, kernel: { sysctl: {}, modules: { tun: {} } }, pki: {} };
    expect(decodeSettings(empty)).toEqual({ pairs: new Map(), problems: [] });
    expect([...decodeSettings({ motd: "", ntp: { options: [] } }).pairs.keys()].length).toBe(2);
    expect(decodeSettings({ ntp: { options: [null] } }).problems.map(({ path }) => path)).toEqual([
      "settings.ntp.options[0]",
    ]);
  });

  test("decodeSettings() names what is wrong with names of a collection, also below them", () => {
    const body = { pki: { "a.b": {}, own: { dat: "" } }, kernel: { modules: { tun: 5, "a b": null } } };
    expect(decodeSettings(body).problems.map(({ path }) => path)).toEqual([
      'settings.pki."a.b"',
      "settings.pki.own.dat",
      "settings.kernel.modules.tun",
      "settings.kernel.modules.a b",
    ]);
  });

  test("decodeSettings() says which variants have a setting that this one does not", () => {
    const { problems } = decodeSettings({ kubernetes: { "cluster-name": "x" }, ecs: {}, constructor: {} });
    expect(problems.map(({ message }) => message)).toEqual([
      "is not a setting of this variant; it is one of *-k8s-*",
      "is not a setting of this variant; it is one of *-ecs-*",
      expect.stringContaining("is not a setting; "),
    ]);
  });

  test("decodeSettings() refuses what is no object", () => {
    for (const body of [null, undefined, 1, "a", [], true]) {
      expect(decodeSettings(body).problems).toMatchObject([{ path: "settings", wanted: "must be an object" }]);
    }
    expect(decodeSettings({ ntp: [] }).problems).toEqual([
      {
        path: "settings.ntp",
        message: "must be an object, got a list of 0",
        wanted: "must be an object",
        got: "a list of 0",
      },
    ]);
  });

  test("decodeSettings() bounds the list of problems", () => {
    const body = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]));
    expect(decodeSettings(body).problems.length).toBe(101);
  });

  test("decodeSettings() takes a sysctl named like a member of every object", () => {
    const body = JSON.parse('{"kernel":{"sysctl":{"__proto__":"1","constructor":"2"}}}') as unknown;
    expect([...decodeSettings(body).pairs.keys()]).toEqual([
      "settings.kernel.sysctl.__proto__",
      "settings.kernel.sysctl.constructor",
    ]);
  });

  test("decodeSettings() says what was wanted and got, short and printable", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const body = {
      motd: deep,
      network: { hostname: `\u009b31m${"x".repeat(5000)}` },
      "\u001b]0;": 1,
      ntp: { options: 5 },
    };
    const { problems } = decodeSettings(body);
    expect(problems.find(({ path }) => path === "settings.motd")).toEqual({
      path: "settings.motd",
      message: "must be a string, got a list of 1",
      wanted: "must be a string",
      got: "a list of 1",
    });
    expect(problems.some(({ got }) => got?.endsWith("… (5004 characters)") === true)).toBe(true);
    expect(problems.every(({ path, message }) => /^[ -~…]{1,400}$/.test(path + message))).toBe(true);
    expect(problems.find(({ path }) => path === "settings.ntp.options")?.wanted).toBe("must be a list");
  });

  test("decodeSettings() is done quickly with huge bodies", () => {
    const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`kerne${index}`, 1]));
    const list = Array.from({ length: 300_000 }, () => 1);
    const start = performance.now();
    expect(decodeSettings({ ...names, ntp: { "time-servers": list } }).problems.length).toBe(101);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("decodeSettings() refuses half of a surrogate pair, which no file can hold", () => {
    const body = { motd: "\ud800", network: { hostname: "a" }, kernel: { sysctl: { "a.b": "\udc00" } } };
    const paths = decodeSettings(body).problems.map(({ path }) => path);
    expect(paths).toEqual(["settings.motd", 'settings.kernel.sysctl."a.b"']);
  });

  test("decodeSettings() never throws on JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const decoded = decodeSettings(body);
        expect(decoded.problems.every((problem) => problem.path.startsWith("settings"))).toBe(true);
      }),
    );
  });
});

describe("the model", () => {
  test("the model has defaults that it takes itself", () => {
    expect(defaultValues().size).toBeGreaterThan(0);
    for (const [key, setting] of allSettings()) {
      const taken = setting.default === undefined || setting.schema.safeParse(setting.default).success;
      expect([key, taken]).toEqual([key, true]);
    }
  });

  test("settingGenerators() and affectedServices() read the model", () => {
    expect(settingGenerators()).toEqual({
      "settings.network.hostname": "hostname",
      "settings.updates.seed": "update-seed",
    });
    const names = [
      "settings.motd",
      "settings.ntp.options",
      'settings.kernel.sysctl."a.b"',
      "settings.network",
      "settings.ntpx",
      "services.motd",
      "a..b",
    ];
    expect(affectedServices(names)).toEqual({
      "settings.motd": ["motd"],
      "settings.ntp.options": ["ntp"],
      'settings.kernel.sysctl."a.b"': ["sysctl"],
    });
  });
});
