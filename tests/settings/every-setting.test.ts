/**
 * Every setting on one machine: in its user data, changed at run time, kept over a power cut, and taken back; each time
 * seen in the file, the service and the kernel that it is for.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { PREPARATION, TEST } from "../boot/prepared.ts";
import { answerNtp } from "../system/ntp-server.ts";
import { makeCertificate } from "./certificate.ts";
import { SettingsMachine } from "./settings-machine.ts";

const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
let machine: SettingsMachine;
let authority = "";
let other = "";
let ntp: { readonly socket: Socket; readonly port: number; readonly asked: () => number };

beforeAll(async () => {
  ntp = await answerNtp(createSocket("udp4"));
  authority = await makeCertificate("Authority of a test");
  other = await makeCertificate("Another authority");
  machine = await SettingsMachine.boot(`
[settings]
motd = "at boot"
[settings.network]
hostname = "first"
hosts = [["10.1.1.1", ["one.example", "one"]]]
https-proxy = "http://user:word@proxy.example:3128"
no-proxy = [".example.org"]
[settings.dns]
name-servers = ["10.0.2.3", "10.9.9.9"]
search-list = ["corp.example"]
[settings.ntp]
time-servers = ["10.0.2.2:${ntp.port}"]
options = ["iburst"]
[settings.kernel.sysctl]
"kernel.panic" = "31"
"net.ipv4.ip_default_ttl" = "65"
[settings.kernel.modules.vxlan]
autoload = true
[settings.kernel.modules.tun]
allowed = false
[settings.pki.mine]
data = "${inBase64(authority)}"
trusted = true
[settings.updates]
metadata-base-url = "https://updates.example/metadata/"
targets-base-url = "https://updates.example/targets/"
seed = 7
version-lock = "1.2.3"
ignore-waves = true
[settings.bootstrap-containers.prepare]
source = "registry.example/prepare:1"
mode = "off"
user-data = "aGVsbG8="
[settings.bootstrap-commands.greet]
commands = [["apiclient", "get", "settings.motd"]]
mode = "always"
essential = true
`);
}, PREPARATION);
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  ntp.socket.close();
});

function inBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What the machine is like where settings reach it: files without their comments and empty lines. */
async function seen(): Promise<Readonly<Record<string, unknown>>> {
  const lines = async (path: string): Promise<readonly string[]> =>
    ((await machine.file(path)) ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const kernel = async (path: string): Promise<string> => (await machine.probe.read(path)).trim();
  const bundle = await machine.probe.read(BUNDLE);
  return {
    motd: await machine.file("/etc/motd"),
    hostname: [await kernel("/etc/hostname"), await kernel("/proc/sys/kernel/hostname")],
    hosts: (await lines("/etc/hosts")).filter((line) => /^(?:10\.|127\.0\.1\.1)/.test(line)),
    proxy: await lines("/etc/network/proxy.env"),
    proxyMode: (await machine.probe.stat("/etc/network/proxy.env")).mode,
    resolver: (await lines("/etc/resolv.conf")).filter((line) => /^(?:nameserver|search) (?!\.$)/.test(line)),
    ntp: (await lines("/etc/chrony/chrony.conf")).filter((line) => line.startsWith("server ")),
    sysctl: await lines("/etc/sysctl.d/90-settings.conf"),
    panic: await kernel("/proc/sys/kernel/panic"),
    ttl: await kernel("/proc/sys/net/ipv4/ip_default_ttl"),
    blocked: await lines("/etc/modprobe.d/settings.conf"),
    loaded: await lines("/etc/modules-load.d/settings.conf"),
    authorities: [authority, other].map((pem) => bundle.includes(pem)),
    updates: await lines("/etc/updog.toml"),
    containers: await lines("/etc/bootstrap-containers/bootstrap-containers.toml"),
    containersMode: (await machine.probe.stat("/etc/bootstrap-containers/bootstrap-containers.toml")).mode,
    commands: await lines("/etc/bootstrap-commands/bootstrap-commands.toml"),
    lockdown: /\[(\w+)\]/.exec(await machine.probe.read("/sys/kernel/security/lockdown"))?.[1],
  };
}

const isLoaded = async (module: string): Promise<boolean> => (await machine.probe.list("/sys/module")).includes(module);
const load = async (module: string): Promise<boolean> =>
  (await machine.probe.run("/usr/sbin/modprobe", module)).status === 0;

/** The services take up what is new a moment after they were told. */
async function expectSoon(wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const found = await machine.probe.until(seen, (now) => Bun.deepEquals(now, wanted), 60_000).catch(seen);
  expect(found).toEqual(wanted);
}

async function expectAsked(): Promise<void> {
  const before = ntp.asked();
  await machine.probe.until(
    () => Promise.resolve(ntp.asked()),
    (count) => count > before,
  );
}

test(
  "user data reaches files, services and kernel at the first boot",
  async () => {
    await expectSoon({
      motd: "at boot\n",
      hostname: ["first", "first"],
      hosts: ["127.0.1.1 first", "10.1.1.1 one.example one"],
      proxy: [
        "HTTPS_PROXY=http://user:word@proxy.example:3128",
        "https_proxy=http://user:word@proxy.example:3128",
        "NO_PROXY=.example.org,localhost,127.0.0.1,::1",
        "no_proxy=.example.org,localhost,127.0.0.1,::1",
      ],
      proxyMode: "0600",
      resolver: ["nameserver 10.0.2.3", "nameserver 10.9.9.9", "search corp.example"],
      ntp: [`server 10.0.2.2 port ${ntp.port} iburst`],
      sysctl: ["kernel.panic = 31", "net.ipv4.ip_default_ttl = 65"],
      panic: "31",
      ttl: "65",
      blocked: ["blacklist tun", "install tun /usr/bin/false"],
      loaded: ["vxlan"],
      authorities: [true, false],
      updates: [
        'metadata_base_url = "https://updates.example/metadata/"',
        'targets_base_url = "https://updates.example/targets/"',
        "seed = 7",
        'version_lock = "1.2.3"',
        "ignore_waves = true",
        'https_proxy = "http://user:word@proxy.example:3128"',
        'no_proxy = [".example.org"]',
      ],
      containers: ['["prepare"]', 'source = "registry.example/prepare:1"', 'mode = "off"', 'user-data = "aGVsbG8="'],
      containersMode: "0600",
      commands: [
        '["greet"]',
        'commands = [["apiclient", "get", "settings.motd"]]',
        'mode = "always"',
        "essential = true",
      ],
      lockdown: "none",
    });
    expect(await machine.probe.output("/usr/bin/journalctl", "-b", "-u", "bootstrap-commands", "-o", "cat")).toContain(
      "A bootstrap command is done",
    );
    expect({ vxlan: await isLoaded("vxlan"), tun: await load("tun") }).toEqual({ vxlan: true, tun: false });
    await expectAsked();
    expect(await machine.json("explain settings.motd")).toMatchObject([
      { key: "settings.motd", value: "at boot", source: { kind: "user-data" } },
    ]);
  },
  TEST,
);

const changed = {
  motd: "at run time",
  network: {
    hostname: "second",
    hosts: [["10.1.1.2", ["two"]]],
    "https-proxy": "proxy.example",
    "no-proxy": ["a.example"],
  },
  dns: { "name-servers": ["10.0.2.3"], "search-list": ["one.example", "two.example"] },
  ntp: { options: ["minpoll 3"] },
  kernel: {
    sysctl: { "kernel.panic": "32", "net.ipv4.ip_default_ttl": "66" },
    modules: { tun: { allowed: true, autoload: true } },
    lockdown: "integrity",
  },
  updates: { seed: 8, "version-lock": "latest", "ignore-waves": false, "metadata-base-url": "https://other.example/" },
  "bootstrap-containers": { prepare: { source: "registry.example/prepare:2" } },
  "bootstrap-commands": { greet: { mode: "off" } },
};

/** Two pairs of a bundle that make the first authority unwanted and the other one wanted. */
const bundles = (): object => ({
  mine: { trusted: false },
  other: { data: inBase64(other), trusted: true },
});

const afterChange = (): Readonly<Record<string, unknown>> => ({
  motd: "at run time\n",
  hostname: ["second", "second"],
  hosts: ["127.0.1.1 second", "10.1.1.2 two"],
  proxy: [
    "HTTPS_PROXY=proxy.example",
    "https_proxy=proxy.example",
    "NO_PROXY=a.example,localhost,127.0.0.1,::1",
    "no_proxy=a.example,localhost,127.0.0.1,::1",
  ],
  proxyMode: "0600",
  resolver: ["nameserver 10.0.2.3", "search one.example two.example"],
  ntp: [`server 10.0.2.2 port ${ntp.port} minpoll 3`],
  sysctl: ["kernel.panic = 32", "net.ipv4.ip_default_ttl = 66"],
  panic: "32",
  ttl: "66",
  blocked: [],
  loaded: ["vxlan", "tun"].toSorted(),
  authorities: [false, true],
  updates: [
    'metadata_base_url = "https://other.example/"',
    'targets_base_url = "https://updates.example/targets/"',
    "seed = 8",
    'version_lock = "latest"',
    'https_proxy = "proxy.example"',
    'no_proxy = ["a.example"]',
  ],
  containers: ['["prepare"]', 'source = "registry.example/prepare:2"', 'mode = "off"', 'user-data = "aGVsbG8="'],
  containersMode: "0600",
  commands: ['["greet"]', 'commands = [["apiclient", "get", "settings.motd"]]', 'mode = "off"', "essential = true"],
  lockdown: "integrity",
});

test(
  "a change at run time reaches them, and works",
  async () => {
    expect(await machine.works(["set", "-j", JSON.stringify({ ...changed, pki: bundles() })])).toBe("");
    await expectSoon(afterChange());
    expect(await isLoaded("tun")).toBe(true);
    await expectAsked();
  },
  TEST,
);

test(
  "all of it is there again after a power cut",
  async () => {
    await machine.powerCut();
    await machine.start();
    await expectSoon(afterChange());
    expect(await isLoaded("tun")).toBe(true);
    await expectAsked();
  },
  TEST,
);

test(
  "what is taken back is gone from files, services and kernel; defaults and generated values return",
  async () => {
    const plain =
      "motd network.hosts network.https-proxy network.no-proxy network.hostname dns ntp kernel pki updates bootstrap-containers bootstrap-commands";
    expect(await machine.works(`unset ${plain}`)).toBe("");
    const named: unknown = expect.stringMatching(/^sparkler-[0-9a-f]{12}$/);
    const now = await machine.probe.until(seen, ({ resolver }) => String(resolver) === "nameserver 10.0.2.3");
    expect(now).toEqual({
      motd: "Welcome to Sparkler!\n",
      hostname: [named, named],
      hosts: [expect.stringMatching(/^127\.0\.1\.1 sparkler-[0-9a-f]{12}$/)],
      proxy: [],
      proxyMode: "0600",
      resolver: ["nameserver 10.0.2.3"],
      ntp: [0, 1, 2, 3].map((each) => `server ${each}.debian.pool.ntp.org iburst`),
      sysctl: [],
      // The kernel keeps what it was told until the next boot.
      panic: expect.any(String),
      ttl: expect.any(String),
      blocked: [],
      loaded: [],
      authorities: [false, false],
      updates: [expect.stringMatching(/^seed = \d+$/), 'version_lock = "latest"'],
      containers: [],
      containersMode: "0600",
      commands: [],
      lockdown: "integrity",
    });
    await machine.powerCut();
    await machine.start();
    const next = await seen();
    expect({ panic: next["panic"] === "32", ttl: next["ttl"], lockdown: next["lockdown"] }).toEqual({
      panic: false,
      ttl: "255", // what every image of ours sets
      lockdown: "none",
    });
    expect(await isLoaded("vxlan")).toBe(false);
  },
  TEST,
);
