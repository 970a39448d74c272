/**
 * What a host container without superpowers cannot do to the machine: known ways out, as a table, tried from inside of one.
 * Each must fail, and for the reason that is meant to stop it.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../../image/format/build-tools.ts";
import { toolRoot } from "../../image/tools.ts";
import { ContainerMachine } from "./container-machine.ts";
import { testImage } from "./image.ts";

const MINUTES = 60_000;
let machine: ContainerMachine;

beforeAll(async () => {
  const attempts = await compileAttempts();
  machine = await ContainerMachine.boot(
    async (registry) => registry.put("web:1", await testImage({ files: { "bin/attempts": attempts } })),
    () => '[settings.host-containers.web]\nsource = "registry.example/web:1"\nenabled = true\n',
  );
  await machine.untilPhase("web", "running");
}, 10 * MINUTES);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

test("system calls that reach the machine are refused", async () => {
  const { stdout } = await machine.inside("web", "/bin/attempts");
  const found = stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", result = ""] = line.split("\t");
      return [name, result] as const;
    });
  const no = "Operation not permitted";
  const unknown = "Function not implemented";
  expect(Object.fromEntries(found)).toEqual({
    add_key: no,
    keyctl: no,
    request_key: no,
    bpf: no,
    perf_event_open: no,
    userfaultfd: no,
    io_uring_setup: no,
    open_by_handle_at: no,
    "unshare user": no,
    "unshare mount": no,
    "clone user": unknown,
    setns: no,
    mount: no,
    "remount proc": no,
    "umount proc": no,
    fsopen: no,
    open_tree: no,
    pivot_root: no,
    init_module: no,
    kexec_load: no,
    reboot: no,
    swapon: no,
    syslog: no,
    settimeofday: no,
    adjtimex: no,
    sethostname: no,
    iopl: no,
    "ptrace init": no,
    "socket vsock": unknown,
    "socket alg": unknown,
    "open disk": no,
    "open memory": no,
  });
});

/** What is tried by a shell, and what it must say. */
const ATTEMPTS: readonly (readonly [what: string, command: string, answer: string])[] = [
  ["the kernel's parameters", "echo x > /proc/sys/kernel/core_pattern", "Read-only file system"],
  ["the kernel's magic keys", "echo b > /proc/sysrq-trigger", "Read-only file system"],
  ["a helper of the kernel", "echo /init.sh > /sys/kernel/uevent_helper", "Read-only file system"],
  ["a group of its own", "mkdir /sys/fs/cgroup/x", "Read-only file system"],
  ["its own limits", "echo max > /sys/fs/cgroup/memory.max", "Read-only file system"],
  ["a release agent", "echo /init.sh > /sys/fs/cgroup/release_agent", "Read-only file system"],
  ["the disk", "cat /dev/vda", "No such file or directory"],
  ["the device mapper", "cat /dev/mapper/control /dev/dm-0", "No such file or directory"],
  ["the console", "cat /dev/ttyS0", "No such file or directory"],
  ["the control channel", "cat /dev/virtio-ports/org.sparkler.control", "No such file or directory"],
  ["the kernel's memory", "cat /dev/mem", "No such file or directory"],
  ["the other containerd", "ls /run/containerd", "No such file or directory"],
  ["its own containerd", "ls /run/host-containerd", "No such file or directory"],
  ["systemd", "ls /run/systemd", "No such file or directory"],
  ["the system's settings", "ls /run/sparkler", "No such file or directory"],
  ["other containers' folders", "ls /.bottlerocket/host-containers/control", "No such file or directory"],
  ["the machine's root", "ls /.bottlerocket/rootfs", "No such file or directory"],
  ["modules", "ls /lib/modules", "No such file or directory"],
  ["kernel memory through proc", "head -c 1 /proc/kcore | wc -c", "0"],
  ["keys through proc", "cat /proc/keys | wc -c", "0"],
];

test("files of the machine and of the kernel are out of reach", async () => {
  // In one go: each start of a process costs an emulated machine seconds.
  const script = ATTEMPTS.map(([, command], at) => `echo "== ${at}"; (${command}) 2>&1`).join("; ");
  const { stdout } = await machine.inside("web", "/bin/sh", "-c", script);
  const said = new Map(
    stdout.split(/^== /m).map((part) => [Number.parseInt(part, 10), part.slice(part.indexOf("\n") + 1)]),
  );
  const others = ATTEMPTS.flatMap(([what, , answer], at) => {
    const found = said.get(at)?.trim() ?? "";
    return found.includes(answer) ? [] : [`${what}: ${found}`];
  });
  expect(others).toEqual([]);
  expect(said.size).toBe(ATTEMPTS.length + 1);
});

test("it sees its own processes only, has few capabilities, and nothing raises them", async () => {
  const commands = (await machine.inside("web", "/bin/ps", "-o", "comm")).stdout;
  expect(commands).not.toMatch(/systemd|containerd|apiserver/);
  const status = (await machine.inside("web", "/bin/cat", "/proc/1/status")).stdout;
  expect(status).toMatch(/^CapInh:\t0+$/m);
  expect(status).toMatch(/^CapBnd:\t00000000a80425fb$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
});

test("no socket without a file leads to a runtime: the network is the machine's", async () => {
  const sockets = (await machine.inside("web", "/bin/cat", "/proc/net/unix")).stdout;
  expect(sockets.split("\n").filter((line) => /@.*(?:containerd|shim|systemd|dbus)/.test(line))).toEqual([]);
});

async function compileAttempts(): Promise<Uint8Array> {
  const work = await mkdtemp(join(tmpdir(), "sparkler-attempts-"));
  try {
    await Bun.write(join(work, "attempts.c"), Bun.file(join(import.meta.dir, "programs/attempts.c")));
    const flags = ["-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", "/work/attempts", "/work/attempts.c"];
    await runTool({ root: await toolRoot("build"), work }, ["/usr/bin/gcc", ...flags]);
    return await readFile(join(work, "attempts"));
  } finally {
    await rm(work, { recursive: true });
  }
}
