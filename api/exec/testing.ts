/** Processes of this machine in place of those of a container, and one side of a session without a terminal: for tests. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Fault } from "../../base/result.ts";
import type { ExecConsole } from "../client/exec-console.ts";
import type { Initialize, Size } from "./messages.ts";
import type { ExecProcess, StartProcess } from "./session.ts";

export type Started = { readonly wanted: Initialize; readonly sizes: Size[]; readonly pid: number; disposed: boolean };

/** Runs commands as they are when `target` is wanted; `seen` is told of each. */
export function localProcesses(target: string, seen: (started: Started) => void = () => {}): StartProcess {
  return async (wanted) => {
    if (wanted.target !== target) throw new Fault("no-target", `Cannot run in "${wanted.target}": it is not there`);
    const [program = "true", ...args] = wanted.command.map((word) => Buffer.from(word).toString());
    const child = spawn(program, args, { stdio: "pipe" });
    const { promise: exited, resolve, reject } = Promise.withResolvers<number>();
    exited.catch(() => {}); // whoever waits is told
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
    child.stdin.on("error", () => {}); // it may end before it has read everything
    const started: Started = { wanted, sizes: [], pid: child.pid ?? 0, disposed: false };
    seen(started);
    return {
      output: child.stdout,
      exited,
      write: (bytes) => new Promise((done) => void child.stdin.write(bytes, () => done())),
      endInput: async () => void child.stdin.end(),
      resize: async (size) => void started.sizes.push(size),
      async dispose() {
        child.kill("SIGKILL");
        started.disposed = true;
      },
    } satisfies ExecProcess;
  };
}

export type FakeConsole = ExecConsole & {
  readonly shown: () => Buffer;
  readonly rawModes: readonly boolean[];
  readonly type: (text: string | Uint8Array) => void;
  readonly endInput: () => void;
  readonly resizeTo: (size: Size) => void;
};

function nothing(): void {}

/** A console whose input is typed by a test; a terminal when it has a size. */
export function fakeConsole(options: { size?: Size; write?: (bytes: Uint8Array) => Promise<void> } = {}): FakeConsole {
  let { size } = options;
  const shown: Uint8Array[] = [];
  const rawModes: boolean[] = [];
  const typed: (Uint8Array | undefined)[] = [];
  let take = (piece: Uint8Array | undefined): void => void typed.push(piece);
  let changed = nothing;
  return {
    inputIsTerminal: size !== undefined,
    outputIsTerminal: size !== undefined,
    input: {
      start(data, end) {
        take = (piece) => (piece === undefined ? end() : data(piece));
        for (const piece of typed.splice(0)) take(piece);
        return () => void (take = (): void => {});
      },
      pause() {},
      resume() {},
    },
    write: options.write ?? (async (bytes) => void shown.push(Uint8Array.from(bytes))),
    size: () => size,
    onResize(callback) {
      changed = callback;
      return () => void (changed = nothing);
    },
    setRaw: (raw) => void rawModes.push(raw),
    shown: () => Buffer.concat(shown),
    rawModes,
    type: (text) => take(typeof text === "string" ? Buffer.from(text) : text),
    endInput: () => take(undefined),
    resizeTo(next) {
      size = next;
      changed();
    },
  };
}
