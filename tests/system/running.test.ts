/**
 * One machine's life, seen from inside by the probe: the first boot with user data, settings changed while it runs, a
 * power cut, an orderly shutdown, and its file systems afterwards.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { copyFile, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../base/run.ts";
import { readTable } from "../../disk/gpt/read.ts";
import { FileDevice } from "../../disk/gpt/file-device.ts";
import { orThrow, reason } from "../../base/result.ts";
import { PARTITION_TYPES } from "../../disk/set/types.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { sandboxedTools } from "../../machine/tools.ts";
import { startMachine, type TestMachine } from "../../machine/testing.ts";
import { PREPARATION, TEST, WAIT } from "../boot/prepared.ts";
import { Probe, PROBE_PORT, probeImage } from "../probe/probe.ts";
import { answerNtp } from "./ntp-server.ts";

const READY = /Its API is on \/run\/api\.sock/;
let build = "";
let machine: TestMachine;
let probe: Probe;
let ntp: { readonly socket: Socket; readonly port: number; readonly asked: () => number };

beforeAll(async () => {
  build = await toolRoot("build");
  ntp = await answerNtp(createSocket("udp4"));
  machine = await startMachine({
    image: await probeImage(),
    tools: sandboxedTools(await toolRoot("vm"), sandboxArgv),
    extra: PROBE_PORT,
    // As a small machine in a cloud has it; half of it and the kernel has no huge pages.
    memoryMib: 1024,
    userData: `[settings]\nmotd = "from user data"\n[settings.ntp]\ntime-servers = ["10.0.2.2:${ntp.port}"]\noptions = ["iburst", "minpoll 3"]\n`,
  });
  probe = await Probe.connect(machine);
  await machine.waitForConsole(READY, WAIT);
}, PREPARATION);
afterAll(async () => {
  await probe[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  ntp.socket.close();
});

/** Source, type and options of each mount by its path; what was mounted last counts. */
async function mounts(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const line of (await probe.read("/proc/mounts")).trim().split("\n")) {
    const [from = "", at = "", type = "", how = ""] = line.split(" ");
    found[at] = `${from} ${type} ${how}`;
  }
  return found;
}

const names = async (path: string): Promise<readonly string[]> =>
  (await probe.output("/usr/bin/systemctl", "list-units", "--plain", "--no-legend", "--no-pager", path))
    .split("\n")
    .filter((line) => line !== "");

test(
  "the targets were reached in order, and no unit failed",
  async () => {
    const text = machine.console;
    const order = ["Settings are in place", "Machine is configured", "Multi-User System", "Its API is on"];
    const places = order.map((what) => text.indexOf(what));
    expect(places).toEqual([...places].toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(await names("--failed")).toEqual([]);
    // Host containers come after that; until the last one runs, something is still being started.
    await probe.until(
      async () => (await probe.run("/usr/bin/systemctl", "is-system-running")).stdout.trim(),
      (state) => state === "running",
    );
  },
  TEST,
);

test(
  "the root is read-only and verified; what can be written is mounted as narrowly as it can be",
  async () => {
    const found = await mounts();
    expect(found["/"]).toMatch(/^\/dev\/dm-0 erofs ro,/);
    expect(await probe.read("/sys/block/dm-0/dm/name")).not.toBe("");
    expect((await probe.run("/usr/bin/mount", "-o", "remount,rw", "/")).status).not.toBe(0);
    expect(found["/etc"]).toMatch(/^tmpfs tmpfs rw,nosuid,nodev,noexec/);
    expect(found["/tmp"]).toMatch(/^tmpfs tmpfs rw,nosuid,nodev,noexec/);
    expect(found["/var/lib/sparkler"]).toMatch(/^\/dev\/\S+ ext4 rw,nosuid,nodev,noexec,noatime/);
    for (const at of ["/local", "/var", "/opt", "/mnt"])
      expect(found[at]).toMatch(/^\/dev\/\S+ ext4 rw,nosuid,nodev,noatime/);
    for (const at of ["var", "opt", "mnt"]) expect(await probe.list(`/local/${at}`)).toEqual([]);
  },
  TEST,
);

test(
  "nobody can log in, and no program listens where others reach it",
  async () => {
    const sockets = await Promise.all(["tcp", "tcp6"].map((name) => probe.read(`/proc/net/${name}`)));
    // The runtime of workloads has a port for its own clients, on the loopback.
    const listening = [...sockets.join("\n").matchAll(/^\s*\d+: ([0-9A-F]+):[0-9A-F]+ 0+:0+ 0A /gm)];
    expect(listening.map(([, address]) => address).filter((address) => address !== "0100007F")).toEqual([]);
    // The DHCP client's own port is all that may be bound.
    const bound = [...(await probe.read("/proc/net/udp")).matchAll(/^\s*\d+: \S+:([0-9A-F]{4}) 00000000:0000/gm)];
    expect(bound.flatMap(([, port]) => (port === "0044" ? [] : [port]))).toEqual([]);
    expect(await probe.read("/etc/passwd")).not.toMatch(/:(?!\/usr\/sbin\/nologin$)[^:]*$/m);
    expect(await probe.read("/etc/shadow")).not.toMatch(/^[^:]+:[^*!]/m);
    expect(await names("*getty*")).toEqual([]);
    expect((await probe.stat("/run/api.sock")).mode).toBe("0660");
    expect((await probe.stat("/run/api.sock")).gid).toBe(274);
  },
  TEST,
);

test(
  "these programs run and no others, each with no more than it needs",
  async () => {
    const pids = (await probe.list("/proc")).filter((name) => /^\d+$/.test(name));
    const seen = await Promise.all(
      pids.map(async (pid) => {
        const program = (await probe.read(`/proc/${pid}/cmdline`).catch(() => "")).split("\0")[0] ?? "";
        return program === "" ? [] : [{ program, status: await probe.read(`/proc/${pid}/status`) }];
      }),
    );
    const programs = seen.flat().filter(({ program }) => program !== "/usr/bin/probe");
    expect([...new Set(programs.map(({ program }) => program.replace(/^.*\//, "")))].toSorted()).toEqual([
      "apiserver",
      "chronyd",
      "container-init",
      "containerd",
      "containerd-shim-runc-v2",
      "control-channel",
      "host-ctr",
      "systemd",
      "systemd-journald",
      "systemd-networkd",
      "systemd-resolved",
      "systemd-udevd",
    ]);
    // Runtimes must be able to give containers what they are to have.
    const confined = programs.filter(({ program: path }) => /^\/usr\/bin\/(?!containerd)/.test(path));
    for (const { program, status } of confined) {
      expect(`${program} ${/NoNewPrivs:\t1/.test(status)} ${/Seccomp:\t2/.test(status)}`).toBe(`${program} true true`);
    }
  },
  TEST,
);

test(
  "machine-id, os-release, address, DNS and kernel parameters are as they should be",
  async () => {
    const uuid = await machine.qmp("query-uuid");
    expect((await probe.read("/etc/machine-id")).trim()).toBe(JSON.stringify(uuid).replaceAll(/[^0-9a-f]|UUID/g, ""));
    expect(await probe.read("/etc/os-release")).toContain("ID=sparkler\n");
    expect(await probe.read("/proc/net/fib_trie")).toContain("10.0.2.15");
    expect(await probe.read("/etc/resolv.conf")).toContain("nameserver 10.0.2.3");
    const wanted = (await probe.read("/usr/lib/sysctl.d/10-sparkler.conf")).matchAll(/^([a-z][^ =]*) = (.*)$/gm);
    for (const [, name = "", value] of wanted) {
      const now = (await probe.read(`/proc/sys/${name.replaceAll(".", "/")}`)).trim().replaceAll("\t", " ");
      expect(`${name} = ${now}`).toBe(`${name} = ${value}`);
    }
  },
  TEST,
);

test(
  "a small machine keeps no tenth of its memory free for huge pages, which are for what asks for them",
  async () => {
    expect(await probe.read("/sys/kernel/mm/transparent_hugepage/enabled")).toContain("[madvise]");
    expect(await probe.read("/proc/sys/vm/min_free_kbytes")).toBe("4096\n");
    const set = (words: string): Promise<unknown> => machine.api("PATCH", "/settings?tx=memory", JSON.parse(words));
    await set('{"kernel":{"sysctl":{"vm.min_free_kbytes":"9000"}}}');
    await machine.api("POST", "/tx/commit_and_apply?tx=memory");
    await probe.until(
      () => probe.read("/proc/sys/vm/min_free_kbytes"),
      (seen) => seen === "9000\n",
    );
  },
  TEST,
);

test(
  "user data has arrived, and chrony takes the time from the server that it names",
  async () => {
    expect(await probe.read("/etc/motd")).toBe("from user data\n");
    expect(await probe.read("/etc/chrony/chrony.conf")).toContain(`server 10.0.2.2 port ${ntp.port} iburst`);
    await probe.until(
      () => Promise.resolve(ntp.asked()),
      (count) => count > 2,
    );
  },
  TEST,
);

test(
  "the journal is kept on DATA, within its bound",
  async () => {
    const id = (await probe.read("/etc/machine-id")).trim();
    expect(await probe.list(`/var/log/journal/${id}`)).toContain("system.journal");
    expect(await probe.read("/usr/lib/systemd/journald.conf.d/10-sparkler.conf")).toContain("SystemMaxUse=64M");
  },
  TEST,
);

test(
  "a commit changes file and kernel, and survives a power cut and an orderly shutdown",
  async () => {
    const settings = { motd: "changed", network: { hostname: "node-7" }, kernel: { sysctl: { "kernel.panic": "77" } } };
    expect((await machine.api("PATCH", "/settings", settings)).status).toBe(204);
    expect((await machine.api("POST", "/tx/commit_and_apply")).status).toBe(200);
    await expectSettings();
    const id = await probe.read("/etc/machine-id");

    await machine.powerCut();
    await bootAgain();
    await expectSettings();
    expect(await probe.read("/etc/machine-id")).toBe(id);

    await machine.qmp("system_powerdown");
    await machine.waitForEnd(WAIT);
    expect(machine.console).toContain("Unmounted Data of the operating system");
    for (const kind of ["data", "private"] as const) expect(await checkFileSystem(kind)).toMatch(/: clean,/);
    await bootAgain();
    await expectSettings();
  },
  TEST,
);

async function bootAgain(): Promise<void> {
  await probe[Symbol.asyncDispose]();
  await machine.start();
  probe = await Probe.connect(machine);
  await machine.waitForConsole(READY, WAIT);
}

async function expectSettings(): Promise<void> {
  await probe.until(
    (each) => each.read("/proc/sys/kernel/hostname"),
    (name) => name.trim() === "node-7",
  );
  await probe.until(
    (each) => each.read("/proc/sys/kernel/panic"),
    (value) => value.trim() === "77",
  );
  expect(await probe.read("/etc/motd")).toBe("changed\n");
  expect(await probe.read("/etc/hostname")).toBe("node-7\n");
}

/** What e2fsck says of a partition of the machine, which is off; it must find the journal empty. */
async function checkFileSystem(kind: "data" | "private"): Promise<string> {
  await using device = await FileDevice.open(machine.disk, {});
  const { table } = orThrow(await readTable(device));
  const found = table.partitions.find(({ type }) => type === PARTITION_TYPES[kind]);
  if (found === undefined) throw new Error(`no ${kind} partition`);
  const whole = join(machine.folder, "looked-at.raw");
  await copyFile(machine.disk, whole);
  const argv = ["/usr/sbin/e2fsck", "-n", `looked-at.raw?offset=${Number(found.firstLba) * table.sectorSize}`] as const;
  const inside = sandboxArgv({
    root: build,
    binds: [{ from: machine.folder, to: "/tmp/m" }],
    argv,
    cwd: "/tmp/m",
  });
  const said = await run(inside);
  await rm(whole);
  return said.ok ? said.value.stdout + said.value.stderr : reason(said.fault);
}

test(
  "PRIVATE that cannot be mounted: the console says so, and the machine restarts by itself",
  async () => {
    await machine.powerCut();
    {
      await using device = await FileDevice.open(machine.disk, {});
      const { table } = orThrow(await readTable(device));
      const found = table.partitions.find(({ type }) => type === PARTITION_TYPES.private);
      await using file = await open(machine.disk, "r+");
      await file.write(Buffer.alloc(4096), 0, 4096, Number(found?.firstLba ?? 0n) * table.sectorSize);
    }
    await machine.start();
    await machine.waitForConsole(/Failed to mount.*Data of the operating system/, WAIT);
    await machine.waitForConsole(/Show why this machine cannot start/, WAIT);
    await machine.waitForConsole(/sparkler-selector: starting set/, WAIT);
  },
  TEST,
);
