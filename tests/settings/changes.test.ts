/**
 * Changing a running machine through its API, with `apiclient` in both its forms: what reaches files, services and the
 * kernel, what is planned, recorded, confirmed, taken back; over a restart and over cuts of the power.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMachine, type TestMachine } from "../../machine/testing.ts";
import { prepare, PREPARATION, TEST } from "../boot/prepared.ts";
import { Probe, PROBE_PORT, probeImage } from "../probe/probe.ts";
import { apiclient, succeed } from "./client.ts";

let machine: TestMachine;
let probe: Probe;

beforeAll(async () => {
  const { qemu } = await prepare();
  machine = await startMachine({ image: await probeImage(), tools: qemu, extra: PROBE_PORT });
  await booted();
}, PREPARATION);

afterAll(async () => {
  await probe[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

async function booted(): Promise<void> {
  probe = await Probe.connect(machine);
  await machine.waitForConsole(/Finished Mark this boot as successful/);
}

async function json(...words: readonly string[]): Promise<unknown> {
  return JSON.parse(await succeed(machine, ...words));
}

async function live(key: string): Promise<unknown> {
  const found = (await json("-u", `/settings?keys=settings.${key}`)) as Record<string, unknown>;
  return key.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], found);
}

async function nameServers(): Promise<string> {
  return (await probe.read("/etc/resolv.conf")).match(/^nameserver .*$/gm)?.join("\n") ?? "";
}

describe("the examples of the preview's README", () => {
  test(
    "read, stage, look, commit and apply",
    async () => {
      expect(await json("-u", "/settings")).toMatchObject({ motd: "Welcome to Sparkler!" });
      await succeed(machine, "-X", "PATCH", "-u", "/settings", "-d", '{"motd": "hi"}');
      expect(await json("-u", "/tx")).toEqual({ motd: "hi" });
      expect(await probe.read("/etc/motd")).toContain("Welcome");
      expect(await json("-m", "POST", "-u", "/tx/commit_and_apply")).toEqual(["settings.motd"]);
      expect(
        await probe.until(
          (it) => it.read("/etc/motd"),
          (text) => text === "hi\n",
        ),
      ).toBe("hi\n");
      expect(await json("get", "settings.motd", "os")).toMatchObject({
        settings: { motd: "hi" },
        os: { arch: "x86_64" },
      });
      const refused = await apiclient(machine, ["-X", "POST", "-u", "/tx/commit_and_apply"]);
      expect([refused.status, refused.err]).toEqual([1, expect.stringContaining("422")]);
    },
    TEST,
  );
});

describe("apiclient set and unset", () => {
  test(
    "reach file, service and kernel, and take back",
    async () => {
      const since = async (): Promise<string> =>
        probe.output("/usr/bin/systemctl", "show", "-P", "ActiveEnterTimestampMonotonic", "chronyd.service");
      const before = await since();
      await succeed(machine, "set", 'ntp.time-servers=["10.0.2.2"]', "network.hostname=renamed");
      expect(await probe.read("/etc/chrony/chrony.conf")).toContain("server 10.0.2.2 iburst\n");
      expect(await since()).not.toBe(before);
      expect(await probe.read("/proc/sys/kernel/hostname")).toBe("renamed\n");
      expect(await probe.read("/etc/hosts")).toContain("renamed");
      await succeed(machine, "set", "-j", '{"kernel":{"sysctl":{"vm.swappiness":"7"}}}');
      expect(await probe.read("/proc/sys/vm/swappiness")).toBe("7\n");
      await succeed(machine, "unset", "ntp.time-servers", "network.hostname", "kernel.sysctl");
      expect(await probe.read("/etc/chrony/chrony.conf")).toContain("pool.ntp.org");
      expect(await live("network.hostname")).toMatch(/^sparkler-[0-9a-f]{12}$/);
      expect(await live("kernel.sysctl")).toBeUndefined();
    },
    TEST,
  );

  test(
    "refuse what is wrong, every problem by its path, and change nothing",
    async () => {
      const said = await apiclient(machine, [
        "set",
        "-j",
        '{"motdd":"x","network":{"hostname":"a b"},"ntp":{"options":["bad\\noption"]}}',
      ]);
      expect(said.status).toBe(1);
      for (const part of ["motdd", 'did you mean "motd"', "network.hostname", "ntp.options"])
        expect(said.err).toContain(part);
      expect(await live("motd")).toBe("hi");
    },
    TEST,
  );

  test(
    "a service that refuses its file makes the exit status 1, with the unit's last lines",
    async () => {
      const said = await apiclient(machine, ["set", 'ntp.options=["nosuchoption"]']);
      expect(said.status).toBe(1);
      expect(said.err).toContain("ntp");
      expect(said.err).toMatch(/chronyd\.service: .*nosuchoption|Could not parse/);
      expect((await apiclient(machine, ["outcome"])).out).toContain("chronyd");
      await succeed(machine, "unset", "ntp.options");
      expect(await json("-u", "/apply/latest")).toMatchObject({ ok: true });
    },
    TEST,
  );

  test(
    "twelve changes of one service in a row all take effect",
    async () => {
      for (let round = 1; round <= 12; round++) await succeed(machine, "set", `ntp.time-servers=["10.0.2.${round}"]`);
      expect(await probe.read("/etc/chrony/chrony.conf")).toContain("server 10.0.2.12 ");
      expect((await probe.output("/usr/bin/systemctl", "is-active", "chronyd.service")).trim()).toBe("active");
      await succeed(machine, "unset", "ntp");
    },
    TEST,
  );
});

describe("plans and history", () => {
  test(
    "a plan shows everything and does nothing; its hash holds the change to it",
    async () => {
      const planned = await succeed(machine, "set", 'ntp.time-servers=["10.0.2.2"]', "--plan");
      for (const part of ["settings.ntp.time-servers", "/etc/chrony/chrony.conf", "+server 10.0.2.2 iburst", "chronyd"])
        expect(planned).toContain(part);
      expect(await live("ntp.time-servers")).not.toEqual(["10.0.2.2"]);
      await succeed(machine, "-X", "PATCH", "-u", "/settings?tx=planned", "-d", '{"motd":"as planned"}');
      const { hash } = (await json("-X", "POST", "-u", "/plan?tx=planned")) as { readonly hash: string };
      await succeed(machine, "set", "motd=another");
      const late = await fetch("http://localhost/tx/commit?tx=planned", {
        unix: machine.apiSocket,
        method: "POST",
        headers: { "If-Match": `"${hash}"` },
      });
      expect(late.status).toBe(412);
      expect(await live("motd")).toBe("another");
    },
    TEST,
  );

  test(
    "history says who, when and why; diff, restore and explain go by it",
    async () => {
      await succeed(machine, "set", "motd=one", "--message", "the first");
      const generations = (await json("-u", "/generations")) as { readonly number: number; readonly author: object }[];
      const [newest] = generations;
      expect(newest?.author).toMatchObject({ source: "apiclient", message: "the first" });
      await succeed(machine, "set", "motd=two");
      expect(await succeed(machine, "history")).toContain("the first");
      const number = newest?.number ?? 0;
      expect(await succeed(machine, "diff", String(number))).toContain("two");
      await succeed(machine, "restore", String(number));
      expect(await live("motd")).toBe("one");
      expect(await probe.read("/etc/motd")).toBe("one\n");
      const explained = await succeed(machine, "explain", "settings.motd");
      for (const part of ["one", "/etc/motd"]) expect(explained).toContain(part);
    },
    TEST,
  );
});

describe("a change that has to be confirmed", () => {
  test(
    "comes back by itself when nobody confirms it",
    async () => {
      await succeed(machine, "set", "motd=kept");
      const unreachable = 'dns.name-servers=["203.0.113.1"]'; // breaks the network: no name can be looked up any more
      await succeed(machine, "set", "motd=for a while", unreachable, "--confirm", "60s");
      expect(await live("motd")).toBe("for a while");
      await probe.until(nameServers, (text) => text === "nameserver 203.0.113.1");
      expect(
        await probe.until(
          (it) => it.read("/etc/motd"),
          (text) => text === "kept\n",
        ),
      ).toBe("kept\n");
      await probe.until(nameServers, (text) => text === "nameserver 10.0.2.3");
    },
    TEST,
  );

  test(
    "stays when it is confirmed",
    async () => {
      await succeed(machine, "set", "motd=wanted", "--confirm", "5m");
      await succeed(machine, "confirm");
      expect((await apiclient(machine, ["confirm"])).status).toBe(1);
      expect(await live("motd")).toBe("wanted");
    },
    TEST,
  );

  test(
    "is gone after the power was cut, and what was confirmed is there",
    async () => {
      await succeed(machine, "set", 'kernel.sysctl."vm.swappiness"=11', "--confirm", "30m");
      expect(await probe.read("/proc/sys/vm/swappiness")).toBe("11\n");
      await probe[Symbol.asyncDispose]();
      await machine.powerCut();
      await machine.start();
      await booted();
      expect(await live("kernel.sysctl")).toBeUndefined();
      expect(await probe.read("/proc/sys/vm/swappiness")).not.toBe("11\n");
      expect([await live("motd"), await probe.read("/etc/motd")]).toEqual(["wanted", "wanted\n"]);
      expect(machine.console).toContain("not confirmed");
    },
    TEST,
  );
});
