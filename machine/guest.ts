/**
 * One running QEMU: started from a command line, its console kept in a bounded file and offered to listeners, the
 * host's half of the control channel beside it. Disposing it kills it; what lasts is its folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../base/result.ts";
import { files, openSocketPath } from "./paths.ts";
import type { Argv } from "./tools.ts";

export type Ended = { readonly status: number | null; readonly signal: string | null; readonly said: string };

/** Carries the API over the control channel: the host's half, as the api folder offers it. */
export type ServeControl = (sockets: {
  readonly channelSocket: string;
  readonly apiSocket: string;
}) => AsyncDisposable | Promise<AsyncDisposable>;

/** Serves the images that were built here on a socket. */
export type ServeImages = (socket: string) => Promise<AsyncDisposable>;

export type GuestOptions = {
  readonly folder: string;
  readonly command: Argv;
  readonly serveControl?: ServeControl;
  readonly serveImages?: ServeImages | undefined;
  readonly onConsole?: (text: string) => void;
};

/** Bytes of console kept in each of the two files. */
const consoleLimit = 16 * 1024 * 1024;
/** Characters of QEMU's own messages that are kept for the report of its end. */
const saidLimit = 4000;
const startTimeoutMs = 20_000;

export class Guest implements AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #cleanups: (() => Promise<void> | void)[] = [];

  private constructor(child: ChildProcess, ended: Promise<Ended>) {
    this.#child = child;
    this.ended = ended;
  }

  /** Starts QEMU and waits until its sockets are there. Throws `not-started` with what QEMU said. */
  static async start(options: GuestOptions): Promise<Guest> {
    const { folder } = options;
    for (const name of [files.qmp, files.channel, files.api, files.registry])
      rmSync(join(folder, name), { force: true });
    const console = new ConsoleFile(folder);
    const [program, ...args] = options.command;
    // Its own process group, so that a sandbox around QEMU is killed with it and Ctrl-C does not reach it.
    const child = spawn(program, args, { cwd: folder, env: {}, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let said = "";
    const decoder = new TextDecoder();
    child.stdout.on("data", (chunk: Buffer) => {
      console.write(chunk);
      options.onConsole?.(decoder.decode(chunk, { stream: true }));
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-saidLimit);
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once("error", (cause) => resolve({ status: null, signal: null, said: cause.message }));
      child.once("close", (status, signal) => resolve({ status, signal, said: said.trim() }));
    });
    const guest = new Guest(child, ended);
    guest.#cleanups.push(() => console.close());
    try {
      if (options.serveImages !== undefined) await guest.#serveImages(folder, options.serveImages);
      await waitForSockets(folder, ended);
      if (options.serveControl !== undefined) await guest.#serve(folder, options.serveControl);
      return guest;
    } catch (thrown) {
      await guest[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends QEMU without asking the guest. With SIGKILL this is what a power cut looks like to the guest. */
  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // it ended just now
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended;
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  async #serveImages(folder: string, serveImages: ServeImages): Promise<void> {
    const socket = openSocketPath(folder, files.registry);
    this.#cleanups.push(socket.close);
    const server = await serveImages(socket.path);
    this.#cleanups.push(async () => server[Symbol.asyncDispose]());
  }

  async #serve(folder: string, serveControl: ServeControl): Promise<void> {
    const channel = openSocketPath(folder, files.channel);
    const api = openSocketPath(folder, files.api);
    this.#cleanups.push(channel.close, api.close);
    const control = await serveControl({ channelSocket: channel.path, apiSocket: api.path });
    this.#cleanups.push(async () => control[Symbol.asyncDispose]());
  }
}

async function waitForSockets(folder: string, ended: Promise<Ended>): Promise<void> {
  let end: Ended | undefined;
  void ended.then((value) => {
    end = value;
  });
  const deadline = performance.now() + startTimeoutMs;
  while (!existsSync(join(folder, files.qmp)) || !existsSync(join(folder, files.channel))) {
    await sleep(20);
    if (end !== undefined) throw new Fault("not-started", `Cannot start QEMU: ${describeEnd(end)}`);
    if (performance.now() > deadline) throw new Fault("not-started", "Cannot start QEMU: its sockets did not appear");
  }
}

/** How QEMU ended, in a few words. */
export function describeEnd(end: Ended): string {
  const how = end.signal === null ? `exit status ${end.status ?? "unknown"}` : `killed by ${end.signal}`;
  return end.said === "" ? how : `${how}: ${end.said}`;
}

/** The console's file; when it is full it becomes the previous one. A new start begins a new file as well. */
class ConsoleFile {
  readonly #path: string;
  readonly #previous: string;
  #file: number;
  #size = 0;

  constructor(folder: string) {
    this.#path = join(folder, files.console);
    this.#previous = join(folder, files.previousConsole);
    this.#file = this.#begin();
  }

  write(chunk: Uint8Array): void {
    if (this.#size + chunk.length > consoleLimit) {
      closeSync(this.#file);
      this.#file = this.#begin();
    }
    try {
      writeSync(this.#file, chunk);
      this.#size += chunk.length;
    } catch {
      // No room is left: the machine matters more than the record of what it says.
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #begin(): number {
    if (existsSync(this.#path)) renameSync(this.#path, this.#previous);
    this.#size = 0;
    return openSync(this.#path, "wx");
  }
}
