/**
 * Every template with nothing set, with everything set, and with whatever the model takes, which is read back from the
 * file in its format: no value can end its line, its quotes or its section early.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parse } from "smol-toml";
import { templates } from "../generated/templates.ts";
import { decodeSettings } from "../model/decode.ts";
import type { Settings } from "../model/settings.ts";
import { configurationFiles } from "../services/table.ts";
import { base64, CERTIFICATE } from "../types/testing.ts";
import { render } from "./render.ts";

const HOSTILE = [
  "a\nb",
  "a\r\nDNS=6.6.6.6",
  "[Section]",
  "{{settings.motd}}",
  '"; rm -rf /; "',
  "$(reboot)",
  "`reboot`",
  "\\",
  "'",
  "#",
  "\u2028x",
  "\u0085x",
  "\0",
  "%n",
  "=",
  "",
];

const FULL: Settings = {
  motd: "hello\nworld",
  network: {
    hostname: "node-1",
    hosts: [["10.0.0.10", ["registry.example", "registry"]]],
    "https-proxy": "http://user:p$w@proxy.example:3128",
    "no-proxy": [".example.org", "10.0.0.0/8"],
  },
  dns: { "name-servers": ["10.0.0.2", "fd00::2"], "search-list": ["corp.example"] },
  ntp: { "time-servers": ["10.0.0.3"], options: ["iburst"] },
  kernel: {
    sysctl: { "vm.swappiness": "10" },
    modules: { sctp: { allowed: false }, dummy: { autoload: true }, both: { allowed: false, autoload: true } },
    lockdown: "integrity",
  },
  pki: { own: { data: base64(CERTIFICATE), trusted: true } },
  updates: { "metadata-base-url": "https://u.example/m", seed: 7, "version-lock": "v1.2.3", "ignore-waves": true },
  "bootstrap-containers": {
    first: { source: "registry.example/a:1", mode: "once", "user-data": base64("x"), essential: true },
    bare: { source: "b" },
  },
  "bootstrap-commands": {
    "01-a": {
      commands: [
        ["apiclient", "set", 'motd="\u2028\n\u007f'],
        ["apiclient", "get"],
      ],
      mode: "always",
    },
  },
  "host-containers": {
    web: { source: "registry.example/web:1", enabled: true, superpowered: false, "user-data": "e30=" },
    half: { enabled: false },
  },
  "container-registry": {
    mirrors: [{ registry: "docker.io", endpoint: ["https://m.example", "n.example:5000"] }],
    credentials: [{ registry: "docker.io", username: 'u"', password: "p\\w" }],
  },
  "oci-defaults": {
    capabilities: { "net-raw": false, chown: true, "sys-admin": true },
    "resource-limits": { "max-open-files": { "hard-limit": 4096 }, "max-processes": { "soft-limit": "unlimited" } },
  },
};

function text(template: string, settings: Settings): string {
  const rendered = render(template, settings);
  if (!rendered.ok) throw rendered.fault;
  return rendered.value;
}

/** Lines that are neither empty nor comments. */
function lines(template: string, settings: Settings): readonly string[] {
  return text(template, settings)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

describe("templates", () => {
  test("every configuration file has a template, and every template a file", () => {
    const used = Object.values(configurationFiles).map(({ template }) => template);
    expect(used.toSorted()).toEqual(Object.keys(templates).toSorted());
  });

  test.each(Object.keys(templates))("%s renders with nothing set and with everything set", (template) => {
    expect(render(template, {}).ok).toBe(true);
    expect(text(template, FULL)).not.toBe(text(template, {}));
    expect(text(template, FULL)).not.toContain("undefined");
  });

  test("what is set stands in the file in its format", () => {
    expect(lines("hosts.template", FULL)).toContain("10.0.0.10 registry.example registry");
    expect(lines("resolved.conf.template", FULL)).toEqual([
      "[Resolve]",
      "DNS=10.0.0.2 fd00::2",
      "Domains=corp.example",
    ]);
    expect(lines("network-dns.conf.template", FULL)).toContain("UseDNS=no");
    expect(lines("network-dns.conf.template", {})).toEqual([]);
    expect(lines("modules-load.conf.template", FULL)).toEqual(["dummy"]);
    expect(lines("modprobe.conf.template", FULL)).toEqual([
      "blacklist sctp",
      "install sctp /usr/bin/false",
      "blacklist both",
      "install both /usr/bin/false",
    ]);
    expect(text("lockdown.template", FULL)).toBe("integrity\n");
    expect(JSON.parse(text("certificates.json.template", FULL))).toEqual({
      own: { data: base64(CERTIFICATE), trusted: true },
    });
    expect(lines("proxy.env.template", FULL)).toEqual([
      'HTTPS_PROXY="http://user:p\\$w@proxy.example:3128"',
      'https_proxy="http://user:p\\$w@proxy.example:3128"',
      "NO_PROXY=.example.org,10.0.0.0/8,localhost,127.0.0.1,::1",
      "no_proxy=.example.org,10.0.0.0/8,localhost,127.0.0.1,::1",
    ]);
    expect(parse(text("updog.toml.template", FULL))).toMatchObject({
      metadata_base_url: "https://u.example/m",
      seed: 7,
      version_lock: "v1.2.3",
      ignore_waves: true,
      no_proxy: [".example.org", "10.0.0.0/8"],
    });
    expect(JSON.stringify(parse(text("bootstrap-containers.toml.template", FULL)))).toBe(
      JSON.stringify(FULL["bootstrap-containers"]),
    );
    expect(JSON.stringify(parse(text("bootstrap-commands.toml.template", FULL)))).toBe(
      JSON.stringify(FULL["bootstrap-commands"]),
    );
    // The unit's condition is that the file holds something.
    expect(text("bootstrap-commands.toml.template", {})).toBe("");
  });

  test("files of container runtimes read back as what is set", () => {
    expect(parse(text("host-containers.toml.template", FULL))).toEqual({
      "host-containers": {
        web: { source: "registry.example/web:1", enabled: true, superpowered: false, "user-data": "e30=" },
        half: { enabled: false },
      },
    });
    expect(parse(text("host-ctr.toml.template", FULL))).toEqual({
      mirrors: { "docker.io": { endpoints: ["https://m.example", "n.example:5000"] } },
      creds: { "registry-1.docker.io": { username: 'u"', password: "p\\w" } },
    });
    expect(parse(text("containerd.toml.template", FULL))).toMatchObject({
      plugins: {
        "io.containerd.grpc.v1.cri": {
          registry: {
            mirrors: { "docker.io": { endpoint: ["https://m.example", "https://n.example:5000"] } },
            configs: { "registry-1.docker.io": { auth: { username: 'u"', password: "p\\w" } } },
          },
        },
      },
    });
    expect(JSON.parse(text("cri-base.json.template", FULL))).toMatchObject({
      process: {
        noNewPrivileges: true,
        capabilities: { bounding: ["CAP_CHOWN", "CAP_SYS_ADMIN"] },
        rlimits: [
          { type: "RLIMIT_NOFILE", hard: 4096, soft: 4096 },
          { type: "RLIMIT_NPROC", hard: Number.MAX_SAFE_INTEGER, soft: Number.MAX_SAFE_INTEGER },
        ],
      },
    });
  });

  test("whatever the model takes makes no more lines than it should, in any file", () => {
    const hostile = fc.oneof(
      fc.constantFrom(...HOSTILE),
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[a-z0-9.:/-]{1,12}$/),
    );
    const list = fc.array(hostile, { maxLength: 3 });
    const body = fc.record(
      {
        network: fc.record({ hostname: hostile, "https-proxy": hostile, "no-proxy": list }, { requiredKeys: [] }),
        dns: fc.record({ "name-servers": list, "search-list": list }, { requiredKeys: [] }),
        ntp: fc.record({ "time-servers": list, options: list }, { requiredKeys: [] }),
        kernel: fc.record({ sysctl: fc.dictionary(hostile, hostile, { maxKeys: 2 }) }, { requiredKeys: [] }),
        updates: fc.record({ "metadata-base-url": hostile, "version-lock": hostile }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    );
    let taken = 0;
    fc.assert(
      fc.property(body, (settings) => {
        // Value by value: one that is refused must not hide the others.
        for (const [group, members] of Object.entries(settings)) {
          for (const [name, value] of Object.entries(members)) {
            const given: Settings = { [group]: { [name]: value as unknown } };
            if (decodeSettings(given).problems.length > 0) continue;
            taken += 1;
            judge(given);
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(400);
  }, 60_000);
});

/** Each file holds just the lines that its settings make. */
function judge(settings: Settings): void {
  const { network, dns, ntp, kernel } = settings;
  const proxy = network?.["https-proxy"] === undefined ? 0 : 4;
  expect(lines("proxy.env.template", settings).length).toBe(proxy);
  const wanted = 1 + countOf(dns?.["name-servers"]) + countOf(dns?.["search-list"]);
  expect(lines("resolved.conf.template", settings).length).toBe(wanted);
  expect(lines("sysctl.conf.template", settings).length).toBe(Object.keys(kernel?.sysctl ?? {}).length);
  const servers = lines("chrony.conf.template", settings).filter((line) => line.startsWith("server "));
  expect(servers.length).toBe((ntp?.["time-servers"] ?? []).length);
  const config = parse(text("updog.toml.template", settings));
  expect(config["version_lock"]).toBe(settings.updates?.["version-lock"]);
}

function countOf(values: readonly unknown[] | undefined): number {
  return values === undefined || values.length === 0 ? 0 : 1;
}
