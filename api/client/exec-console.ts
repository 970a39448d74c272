/** This side of an exec session: where input comes from, where output goes, and the terminal that they may be. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { Size } from "../exec/messages.ts";

export type ExecConsole = {
  readonly inputIsTerminal: boolean;
  readonly outputIsTerminal: boolean;
  readonly input: ExecInput;
  /** Resolves when the bytes are taken; rejects when nobody reads them any more. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly size: () => Size | undefined;
  /** Calls back at each change of the window until the returned function is called. */
  readonly onResize: (changed: () => void) => () => void;
  /** Keys go through as they are, none is for the terminal's driver. */
  readonly setRaw: (raw: boolean) => void;
};

export type ExecInput = {
  /** Bytes, until the returned function is called; `end` once. */
  readonly start: (data: (bytes: Uint8Array) => void, end: () => void) => () => void;
  readonly pause: () => void;
  readonly resume: () => void;
};

const STTY = ["/usr/bin/stty", "/bin/stty"];

/**
 * The runtime's raw mode leaves output to the terminal's driver, which puts a return before every line feed, also where
 * a full-screen program only wants to go down. Where stty(1) is missing this stays so. Leaving raw mode undoes it.
 */
function leaveOutput(): void {
  const stty = STTY.find((path) => existsSync(path));
  if (stty !== undefined) spawnSync(stty, ["-opost"], { stdio: ["inherit", "ignore", "ignore"], env: {} });
}

/** The console of this process. */
export function processConsole(): ExecConsole {
  const { stdout } = process;
  stdout.on("error", () => {}); // whoever writes is told
  return {
    inputIsTerminal: process.stdin.isTTY,
    outputIsTerminal: stdout.isTTY,
    input: {
      start(data, end) {
        const { stdin } = process;
        let ended = false;
        const once = (): void => {
          if (!ended) end();
          ended = true;
        };
        stdin.on("data", data);
        stdin.on("end", once);
        stdin.on("error", once); // what cannot be read has ended
        return () => {
          stdin.off("data", data);
          stdin.off("end", once);
          stdin.pause();
          // A terminal or pipe that nobody reads must not keep the program; a file is another class and does not.
          if ("unref" in stdin) stdin.unref();
        };
      },
      pause: () => void process.stdin.pause(),
      resume: () => void process.stdin.resume(),
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (failed) => (failed === undefined || failed === null ? resolve() : reject(failed)));
      }),
    size: () => (stdout.isTTY ? { rows: stdout.rows, cols: stdout.columns } : undefined),
    onResize(changed) {
      process.on("SIGWINCH", changed);
      return () => void process.off("SIGWINCH", changed);
    },
    setRaw(raw) {
      if (!(process.stdin instanceof ReadStream)) return;
      process.stdin.setRawMode(raw);
      if (raw) leaveOutput();
    },
  };
}
