/**
 * The API server natively, as the image runs it (its executable, no JIT), with a folder of its own in place of the root.
 * Only settings without a service are applied with it: a restart would be one of this machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../base/result.ts";
import { osReleaseText } from "../../image/root/first-party.ts";

/** As the units of the image have it. */
export const ENVIRONMENT: Readonly<Record<string, string>> = { BUN_JSC_useJIT: "0" };
const START_MS = 20_000;

/** The command line of one of the host programs, whose executable is in `folder`. */
export function hostArgv(folder: string, program: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return [join(folder, "sparkler-host"), program, ...args];
}

export class NativeServer implements AsyncDisposable {
  readonly socket: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, socket: string) {
    this.#child = child;
    this.socket = socket;
    this.#ended = new Promise((resolve) => child.once("close", () => resolve()));
  }

  /** Starts with an empty store, and waits for the socket. */
  static async start(folder: string): Promise<NativeServer> {
    await mkdir(join(folder, "root/etc"), { recursive: true });
    const release = osReleaseText({ version: "0.0.0", variant: "bench", build: "bench" });
    await writeFile(join(folder, "os-release"), release);
    const [program, ...args] = hostArgv(
      folder,
      "apiserver",
      "--datastore-path",
      join(folder, "store"),
      "--socket-path",
      join(folder, "api.sock"),
      "--root",
      join(folder, "root"),
      "--socket-gid",
      String(process.getgid?.() ?? 0),
      "--os-release",
      join(folder, "os-release"),
      "--log-level",
      "error",
    );
    const child = spawn(program, args, { env: ENVIRONMENT, stdio: ["ignore", "ignore", "inherit"] });
    const server = new NativeServer(child, join(folder, "api.sock"));
    const end = performance.now() + START_MS;
    while (!existsSync(server.socket)) {
      if (child.exitCode !== null || performance.now() > end)
        throw new Fault("not-started", "Cannot start the API server");
      await sleep(5);
    }
    return server;
  }

  /** Kilobytes resident now, and at most so far. */
  async resident(): Promise<{ readonly now: number; readonly most: number }> {
    const text = await readFile(`/proc/${this.#child.pid ?? 0}/status`, "utf8");
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
    return { now: field("VmRSS"), most: field("VmHWM") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
