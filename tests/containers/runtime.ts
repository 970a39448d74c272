/**
 * A real containerd with runc from the locked test tools, in a sandbox of its own on a private socket; its containers
 * have this machine's files, read-only, as their root. Needs root. Everything is gone when it is disposed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Containerd } from "../../containers/containerd/connection.ts";
import { containers, tasks, versions } from "../../containers/containerd/services.ts";
import { specificationAny } from "../../containers/containerd/types.ts";
import { toolRoot } from "../../image/tools.ts";

/** Where this machine's files are in the sandbox. */
const HOST = "/tmp/host";
const RUNTIME = "io.containerd.runc.v2";
const START_MS = 30_000;

export class TestRuntime implements AsyncDisposable {
  readonly folder: string;
  readonly socket: string;
  readonly namespace = "default";
  readonly containerd: Containerd;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #made: string[] = [];

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.socket = join(folder, "containerd.sock");
    this.#child = child;
    this.#exited = new Promise((resolve) => void child.once("exit", resolve));
    this.containerd = new Containerd({ socket: this.socket, namespace: this.namespace });
  }

  static async start(): Promise<TestRuntime> {
    const root = await toolRoot("test");
    const folder = await mkdtemp(join(tmpdir(), "sparkler-containerd-"));
    await writeFile(join(folder, "config.toml"), configuration(folder));
    // oxfmt-ignore
    const argv = [
      "--die-with-parent", "--cap-add", "ALL", "--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin",
      "--ro-bind", root, "/", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc", "--bind", "/sys", "/sys",
      "--tmpfs", "/tmp", "--tmpfs", "/run", "--ro-bind", "/", HOST, "--bind", folder, folder,
      "--", "/usr/bin/containerd", "--config", join(folder, "config.toml"),
    ];
    const child = spawn("/usr/bin/bwrap", argv, { env: {}, stdio: ["ignore", "ignore", "ignore"], detached: true });
    const runtime = new TestRuntime(folder, child);
    try {
      await runtime.#untilReady();
      return runtime;
    } catch (thrown) {
      await runtime[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** A running container of a shell that waits; `env` is its environment. */
  async makeContainer(id: string, env: readonly string[] = ["PATH=/usr/bin:/bin"]): Promise<void> {
    const spec = specificationAny(specification(env));
    const runtime = { name: RUNTIME, options: undefined };
    const container = { id, labels: {}, image: "", runtime, spec, snapshotter: "", snapshotKey: "" };
    await this.containerd.call(containers.create, { container });
    this.#made.push(id);
    const rootfs = [{ type: "bind", source: HOST, target: "", options: ["rbind", "ro"] }];
    await this.containerd.call(tasks.create, { containerId: id, rootfs });
    await this.containerd.call(tasks.start, { containerId: id });
  }

  /** Ends the container's process and waits for it; the container stays. */
  async stopContainer(id: string): Promise<void> {
    await this.containerd.call(tasks.kill, { containerId: id, signal: 9, all: true });
    await this.containerd.call(tasks.wait, { containerId: id });
    await this.containerd.call(tasks.delete, { containerId: id });
  }

  /** Ends containerd as a crash does. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#made) {
      await this.stopContainer(id).catch(() => {}); // it may be stopped
      await this.containerd.call(containers.delete, { id }).catch(() => {}); // what is left goes with the folder
    }
    this.containerd[Symbol.dispose]();
    this.#child.kill("SIGTERM");
    await Promise.race([this.#exited, Bun.sleep(5000)]);
    this.#child.kill("SIGKILL");
    await this.#exited;
    await this.#endShims();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A shim outlives its containerd, and with a containerd that is gone nobody else ends it and what it has started. */
  async #endShims(): Promise<void> {
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      if (words[words.indexOf("-address") + 1] !== this.socket) continue;
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
      for (const each of [...children.split(" ").filter((child) => child !== ""), pid]) kill(Number(each));
    }
  }

  async #untilReady(): Promise<void> {
    const end = performance.now() + START_MS;
    for (;;) {
      try {
        await this.containerd.call(versions.get, {}, { timeoutMs: 1000 });
        return;
      } catch (thrown) {
        if (performance.now() > end || this.#child.exitCode !== null) throw thrown;
        await Bun.sleep(100);
      }
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

function configuration(folder: string): string {
  return `version = 2
root = "${join(folder, "root")}"
state = "${join(folder, "state")}"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri"]
[grpc]
address = "${join(folder, "containerd.sock")}"
`;
}

const CAPABILITIES = ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"];

function mount(destination: string, type: string, options: readonly string[]): object {
  return { destination, type, source: type, options };
}

function specification(env: readonly string[]): object {
  return {
    ociVersion: "1.1.0",
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ["/bin/sleep", "1000000"],
      env,
      cwd: "/usr",
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      noNewPrivileges: true,
    },
    root: { path: "rootfs", readonly: true },
    mounts: [
      mount("/proc", "proc", ["nosuid", "noexec", "nodev"]),
      mount("/dev", "tmpfs", ["nosuid", "mode=755"]),
      mount("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
      mount("/tmp", "tmpfs", ["nosuid", "nodev"]),
    ],
    linux: {
      namespaces: ["mount", "ipc", "uts", "pid", "network"].map((type) => ({ type })),
      rootfsPropagation: "rprivate",
    },
  };
}
