/**
 * `apiclient exec`: a process in a container with this side's input, output and terminal (contracts sections 5.5, 6.2).
 * The exit status is the process's; 128 and its number when a signal ends this side; 1 when it is not known.
 */
import { constants } from "node:os";
import { Fault } from "../../base/result.ts";
import { decodeCapacity, encodeClientMessage, MAX_OUTSTANDING, PIECE } from "../exec/messages.ts";
import { type Close, CLOSE_CODES } from "../websocket/close.ts";
import { openWebSocket, RefusedFault, type WebSocketClient } from "../websocket/client.ts";
import { type ExecConsole, processConsole } from "./exec-console.ts";
import { printable } from "./terminal.ts";

export type ExecRequest = {
  readonly target: string;
  readonly command: readonly string[];
  /** Whether the process gets a terminal; undefined: when this side has one at both ends. */
  readonly tty: boolean | undefined;
};

export type ExecOptions = {
  readonly socketPath: string;
  readonly console?: ExecConsole | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** A session that ended without a status. */
export class ExecFault extends Fault<"exec-failed"> {
  /** Whether the server has ended it, and not the connection. */
  readonly fromServer: boolean;

  constructor(code: number, message: string) {
    super("exec-failed", message, { code });
    this.fromServer = code !== CLOSE_CODES.abnormal;
  }
}

/** Output that may wait for a slow reader before the server has to wait as well. */
const HIGH_WATER = 256 * 1024;
/** How long the server may take to answer the goodbye of a session that this side ends. */
const GOODBYE_MS = 200;
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** The exit status. Throws a `Fault` that says why there is none. */
export async function runExec(request: ExecRequest, options: ExecOptions): Promise<number> {
  await using session = new Session(request, options.console ?? processConsole());
  return await session.run(options);
}

class Session implements AsyncDisposable {
  readonly #request: ExecRequest;
  readonly #console: ExecConsole;
  readonly #terminal: boolean;
  readonly #raw: boolean;
  readonly #undo: (() => void)[] = [];
  readonly #closed: PromiseWithResolvers<Close> = Promise.withResolvers<Close>();
  readonly #gone: PromiseWithResolvers<number> = Promise.withResolvers<number>();
  #client: WebSocketClient | undefined;
  #begun = false;
  /** Input that waits for the server. */
  #waiting: Uint8Array[] = [];
  #inputEnded = false;
  #saidEnd = false;
  #sent = 0;
  /** Messages that may have been sent in all. */
  #allowed = 0;
  #unwritten = 0;
  #output: Promise<void> = Promise.resolve();

  constructor(request: ExecRequest, console: ExecConsole) {
    this.#request = request;
    this.#console = console;
    this.#terminal = request.tty ?? (console.inputIsTerminal && console.outputIsTerminal);
    this.#raw = this.#terminal && console.inputIsTerminal;
  }

  async run({ socketPath, signal }: ExecOptions): Promise<number> {
    this.#watchSignals(signal);
    const opened = await openWebSocket({
      path: socketPath,
      target: "/exec",
      onMessage: (kind, payload) => (kind === "text" ? this.#control(payload) : this.#show(payload)),
      onClose: (close) => this.#closed.resolve(close),
    });
    if (!opened.ok) throw opened.fault instanceof RefusedFault ? statusFault(opened.fault) : opened.fault;
    this.#client = opened.value;
    this.#undo.push(() => opened.value.peer.close(CLOSE_CODES.goingAway, ""));
    this.#begin();
    const status = await Promise.race([this.#closed.promise.then((close) => this.#judge(close)), this.#gone.promise]);
    await Promise.race([this.#output, this.#gone.promise]);
    return status;
  }

  /** Whatever the way out: the terminal is as it was before. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    const close = this.#client === undefined ? undefined : this.#closed.promise;
    await Promise.race([close, Bun.sleep(GOODBYE_MS)]);
    this.#client?.terminate();
  }

  #begin(): void {
    const { target, command } = this.#request;
    const size = this.#console.size();
    const words = command.map((word) => new TextEncoder().encode(word));
    const tty = this.#terminal ? { size } : undefined;
    this.#send(encodeClientMessage({ kind: "initialize", initialize: { command: words, target, tty } }));
    if (this.#terminal) this.#undo.push(this.#console.onResize(() => this.#resized()));
    if (this.#raw) this.#makeRaw();
    const { input } = this.#console;
    const stop = input.start(
      (bytes) => this.#take(bytes),
      () => {
        this.#inputEnded = true;
        this.#flush();
      },
    );
    this.#undo.push(stop);
    this.#begun = true;
    this.#flush();
  }

  #makeRaw(): void {
    const restore = (): void => this.#console.setRaw(false);
    process.once("exit", restore);
    this.#undo.push(() => {
      restore();
      process.off("exit", restore);
    });
    this.#console.setRaw(true);
  }

  #watchSignals(signal: AbortSignal | undefined): void {
    const leave = (name: (typeof ENDING)[number]): void => this.#gone.resolve(128 + constants.signals[name]);
    for (const name of ENDING) process.on(name, leave);
    const abort = (): void => leave("SIGINT");
    signal?.addEventListener("abort", abort, { once: true });
    this.#undo.push(() => {
      for (const name of ENDING) process.off(name, leave);
      signal?.removeEventListener("abort", abort);
    });
  }

  #resized(): void {
    const size = this.#console.size();
    if (size !== undefined) this.#send(encodeClientMessage({ kind: "winch", size }));
  }

  #take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE) this.#waiting.push(bytes.subarray(at, at + PIECE));
    this.#flush();
  }

  /** Sends what the server has room for; the rest waits, and so does whoever writes it. */
  #flush(): void {
    if (!this.#begun) return undefined;
    while (this.#sent < this.#allowed) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      this.#client?.peer.send("binary", piece);
      this.#sent += 1;
    }
    if (this.#waiting.length > 0) return this.#console.input.pause();
    if (!this.#inputEnded) return this.#console.input.resume();
    if (!this.#saidEnd && this.#allowed > 0) {
      this.#saidEnd = true;
      this.#send(encodeClientMessage({ kind: "content-complete" }));
    }
    return undefined;
  }

  #control(payload: Uint8Array): void {
    const capacity = decodeCapacity(payload);
    if (capacity === undefined) return;
    this.#allowed = capacity.written + Math.min(capacity.maxOutstanding, MAX_OUTSTANDING);
    this.#flush();
  }

  #show(payload: Uint8Array): void {
    this.#unwritten += payload.length;
    if (this.#unwritten > HIGH_WATER) this.#client?.pause();
    this.#output = this.#output
      .then(() => this.#console.write(payload))
      .then(
        () => {
          const waited = this.#unwritten > HIGH_WATER;
          this.#unwritten -= payload.length;
          if (waited && this.#unwritten <= HIGH_WATER) this.#client?.resume();
        },
        // Nobody reads any more: this ends as a program does that writes on regardless.
        () => this.#gone.resolve(128 + constants.signals.SIGPIPE),
      );
  }

  #judge({ code, reason }: Close): number {
    const status = /^\d{1,3}$/.exec(reason)?.[0];
    if (code === CLOSE_CODES.normal && status !== undefined) return Number(status);
    const lost = code === CLOSE_CODES.abnormal ? "The connection was lost" : `The server ended the session (${code})`;
    throw new ExecFault(code, reason === "" ? lost : printable(reason));
  }

  #send(text: string): void {
    this.#client?.peer.send("text", text);
  }
}

/** Worded as every other refusal. */
function statusFault({ status, text }: RefusedFault): Fault<"status"> {
  return new Fault("status", `Status ${status} when GETing /exec: ${printable(text)}`, { status });
}
