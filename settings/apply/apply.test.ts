import { describe, expect, test } from "bun:test";
import { chmod, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../engine.ts";
import { TestMachine } from "../testing.ts";
import { carryOut } from "./apply.ts";
import { planApply } from "./plan.ts";

const who = { source: "test" };
const FAILED = { name: "host-containers", state: "failed" };

async function set(engine: Engine, body: unknown): ReturnType<Engine["apply"]> {
  expect(engine.patch("t", body).ok).toBe(true);
  const done = await engine.commit("t", who);
  return engine.apply(done.ok ? done.value.keys : []);
}

describe("Engine.apply()", () => {
  test("Engine.apply() of all writes every file of the table and runs the commands", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await machine.write("proc/sys/kernel/hostname", "node-1\n");
    await machine.write("proc/sys/vm/swappiness", "10\n");
    engine.patch("t", { motd: "hi", network: { hostname: "node-1" }, kernel: { sysctl: { "vm.swappiness": "10" } } });
    await engine.commit("t", who);
    const outcome = await engine.apply("all");
    expect(outcome).toMatchObject({ ok: true, generation: 2, keys: "all" });
    expect(machine.ran).toEqual(
      [
        "/usr/lib/systemd/systemd-sysctl /etc/sysctl.d/10-hostname.conf",
        "/usr/bin/systemctl try-reload-or-restart chronyd.service",
        "/usr/lib/systemd/systemd-sysctl /etc/sysctl.d/90-settings.conf",
      ].map((command) => ({ command, environment: {} })),
    );
    expect(await machine.read("etc/motd")).toBe("hi\n");
    expect(await machine.read("etc/hostname")).toBe("node-1\n");
    expect(await machine.read("etc/hosts")).toContain("127.0.1.1 node-1\n");
    expect(await machine.read("etc/sysctl.d/10-hostname.conf")).toContain("kernel.hostname = node-1\n");
    expect(await machine.read("etc/sysctl.d/90-settings.conf")).toContain("vm.swappiness = 10\n");
    expect(await machine.read("etc/chrony/chrony.conf")).toContain("server 0.debian.pool.ntp.org iburst\n");
    expect((await stat(join(machine.root, "etc/motd"))).mode & 0o7777).toBe(0o644);
    const again = await engine.apply("all");
    expect(new Set(again.files.map(({ state }) => state))).toEqual(new Set(["unchanged"]));
  });

  test("Engine.apply() of keys touches only what they affect, and says which keys", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const outcome = await set(engine, { ntp: { "time-servers": ["a.example:1123", "fd00::1"], options: [] } });
    expect(outcome.files.map(({ path, state }) => [path, state])).toEqual([["/etc/chrony/chrony.conf", "written"]]);
    expect(machine.ran).toEqual([
      {
        command: "/usr/bin/systemctl try-reload-or-restart chronyd.service",
        environment: { CHANGED_SETTINGS: "settings.ntp.options settings.ntp.time-servers" },
      },
    ]);
    const text = await machine.read("etc/chrony/chrony.conf");
    expect(text).toContain("\nserver a.example port 1123\nserver fd00::1\n\n");
    expect(await engine.apply(["settings.nothing"])).toMatchObject({ ok: true, files: [], services: [] });
  });

  test("Engine.apply() runs no sysctl command while no parameter is set", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await engine.apply("all");
    expect(machine.ran.map(({ command }) => command)).toEqual([
      "/usr/bin/systemctl try-reload-or-restart chronyd.service",
    ]);
  });

  test("Engine.apply() records a command that fails, also across a restart of the program", async () => {
    await using machine = await TestMachine.make();
    machine.broken.add("/usr/bin/systemctl");
    const first = await machine.open();
    const outcome = await set(first, { ntp: { options: ["iburst"] } });
    expect(outcome.ok).toBe(false);
    expect(outcome.services[0]).toMatchObject({ name: "ntp", state: "failed" });
    await first.close();
    const engine = await machine.open();
    expect(engine.lastApply()).toEqual(outcome);
    expect(await set(engine, { motd: "x" })).toMatchObject({ ok: false, stillFailing: ["ntp"] });
    machine.broken.clear();
    const mended = await engine.apply(["settings.ntp"]);
    expect([mended.ok, mended.stillFailing]).toEqual([true, undefined]);
  });

  test("Engine.apply() looks again at a service that mends itself, with whatever is applied next", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    machine.broken.add("/usr/bin/host-containers");
    const web = { source: "registry.example/web:1", enabled: true };
    expect((await set(engine, { "host-containers": { web } })).ok).toBe(false);
    expect(await set(engine, { motd: "x" })).toMatchObject({ ok: false, services: [{ name: "motd" }, FAILED] });
    machine.broken.clear();
    const mended = await set(engine, { motd: "y" });
    expect([mended.ok, mended.services.map(({ name }) => name)]).toEqual([true, ["motd", "host-containers"]]);
    expect((await set(engine, { motd: "z" })).services.map(({ name }) => name)).toEqual(["motd"]);
  });

  test("Engine.apply() says so when the kernel does not have what was set", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await machine.write("proc/sys/vm/swappiness", "60\n");
    const outcome = await set(engine, { kernel: { sysctl: { "vm.swappiness": "1", "vm.nothing": "1" } } });
    expect(outcome.services[0]?.checks.map(({ problem }) => problem)).toEqual([
      'Cannot set "vm.nothing": the kernel has no such parameter',
      'Cannot set "vm.swappiness": the kernel has "60", wanted "1"',
    ]);
  });

  test("Engine.apply() keeps a service from being restarted when its file cannot be written", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await mkdir(join(machine.root, "etc/chrony/chrony.conf"), { recursive: true });
    const outcome = await engine.apply("all");
    expect(outcome.files.filter(({ state }) => state === "failed").map(({ path }) => path)).toEqual([
      "/etc/chrony/chrony.conf",
    ]);
    expect(outcome.services.find(({ name }) => name === "ntp")?.state).toBe("skipped");
    expect(outcome.services.find(({ name }) => name === "motd")?.state).toBe("applied");
    expect(machine.ran).toEqual([]);
  });

  test("Engine.apply() mends a file's mode and content", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    await engine.apply("all");
    await chmod(join(machine.root, "etc/motd"), 0o600);
    await rm(join(machine.root, "etc/hosts"));
    const outcome = await engine.apply("all");
    const written = outcome.files.filter(({ state }) => state === "written").map(({ name }) => name);
    expect(written).toEqual(["motd", "hosts"]);
  });

  test("Engine.apply() does one after the other, each from the settings of its moment", async () => {
    await using machine = await TestMachine.make();
    const engine = await machine.open();
    const runs = [set(engine, { motd: "1" }), set(engine, { motd: "2" }), set(engine, { motd: "3" })];
    expect((await Promise.all(runs)).every(({ ok }) => ok)).toBe(true);
    expect(await machine.read("etc/motd")).toBe("3\n");
  });
});

/** Applies settings of which one file cannot be rendered. */
function applyBroken(machine: TestMachine, strict: boolean): ReturnType<typeof carryOut> {
  const plan = planApply({ motd: "hi", ntp: { "time-servers": ["a"], options: ["bad\noption"] } }, "all");
  return carryOut(plan, { root: machine.root, runner: machine.runner, strict });
}

describe("carryOut()", () => {
  test("carryOut() with all goes on without the file that cannot be rendered", async () => {
    await using machine = await TestMachine.make();
    const { files, services } = await applyBroken(machine, false);
    expect(files.find(({ name }) => name === "chrony-conf")).toMatchObject({ state: "failed" });
    expect(files.find(({ name }) => name === "motd")).toMatchObject({ state: "written" });
    expect(services.find(({ name }) => name === "ntp")?.state).toBe("skipped");
    expect(machine.ran).toEqual([]);
  });

  test("carryOut() when strict writes nothing if one file cannot be rendered", async () => {
    await using machine = await TestMachine.make();
    const { files, services } = await applyBroken(machine, true);
    expect(new Set(files.map(({ state }) => state))).toEqual(new Set(["failed", "skipped"]));
    expect(new Set(services.map(({ state }) => state))).toEqual(new Set(["skipped"]));
    expect(await Bun.file(join(machine.root, "etc/motd")).exists()).toBe(false);
  });
});
