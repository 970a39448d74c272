/**
 * Running outside programs: an argument array, an explicit environment, never a shell. Output is collected with a
 * bound; the exact command travels in the fault when it fails.
 */
import { spawn } from "node:child_process";
import { Fault, fail, ok, type Result } from "./result.ts";

export type RunFault = "not-started" | "exit-status" | "timed-out";

export type RunOptions = {
  readonly cwd?: string;
  /** The whole environment of the program; default: only a PATH. Never the inherited one. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of standard error as it comes, for progress. */
  readonly onStderr?: (text: string) => void;
  /** Bytes kept of each output stream; the rest is dropped. Default 16 MiB. */
  readonly maxOutput?: number;
};

export type Ran = { readonly stdout: string; readonly stderr: string; readonly stdoutBytes: Uint8Array };

const defaultEnv = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" };

/** Runs `argv` to its end. A non-zero status, a signal or a time-out is a fault that carries the end of stderr. */
export function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<Result<Ran, RunFault>> {
  const command = argv.join(" ");
  const limit = options.maxOutput ?? 16 * 1024 * 1024;
  if (options.signal?.aborted === true) return Promise.resolve(fail(aborted(command, options.signal.reason)));
  return new Promise((resolve) => {
    const signals = [
      ...(options.signal === undefined ? [] : [options.signal]),
      ...(options.timeoutMs === undefined ? [] : [AbortSignal.timeout(options.timeoutMs)]),
    ];
    const child = spawn(argv[0], argv.slice(1), {
      cwd: options.cwd,
      env: { ...(options.env ?? defaultEnv) },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own, to be killed with all that it has started: a child of bubblewrap's that has not yet bound
      // itself to its parent would stay behind for ever, and keep the pipes.
      detached: true,
    });
    const stop = AbortSignal.any(signals);
    const kill = (): void => killGroup(child.pid);
    stop.addEventListener("abort", kill, { once: true });
    const out = collector(limit);
    const err = collector(limit);
    child.stdout.on("data", out.add);
    child.stderr.on("data", (chunk: Buffer) => {
      err.add(chunk);
      options.onStderr?.(chunk.toString("utf8"));
    });
    child.on("error", (cause) => {
      stop.removeEventListener("abort", kill);
      resolve(fail(Fault.from("not-started", `Cannot run "${command}"`, cause, { command })));
    });
    // A killed program may still be writing: whoever cleans up after it waits until it is gone, but not for its pipes.
    child.on("exit", () => {
      stop.removeEventListener("abort", kill);
      if (!stop.aborted) return;
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      const code = options.signal?.aborted === true ? "not-started" : "timed-out";
      resolve(fail(Fault.from(code, `Cannot run "${command}"`, stop.reason, { command })));
    });
    child.on("close", (status, signalName) => {
      if (status === 0) return resolve(ok({ stdout: out.text(), stderr: err.text(), stdoutBytes: out.bytes() }));
      const how = status === null ? `killed by ${signalName}` : `exit status ${status}`;
      const said = err.text().trim().slice(-2000);
      const message = `Cannot run "${command}": ${how}${said === "" ? "" : `: ${said}`}`;
      return resolve(fail(new Fault("exit-status", message, { command, status })));
    });
    child.stdin.on("error", () => {}); // the program may end before it has read its input; its status tells
    child.stdin.end(options.input ?? "");
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function aborted(command: string, cause: unknown): Fault<RunFault> {
  return Fault.from("not-started", `Cannot run "${command}"`, cause, { command });
}

type Collector = {
  readonly add: (chunk: Buffer) => void;
  readonly bytes: () => Uint8Array;
  readonly text: () => string;
};

function collector(limit: number): Collector {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      if (size >= limit) return;
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
    },
    bytes: () => Buffer.concat(chunks),
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}
