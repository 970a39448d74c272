/**
 * The server's end of one exec session: reads what the client wants, starts the process, and carries input, output and
 * the exit status until one of them ends. It does not know what starts processes; see containerd-process.ts.
 */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import { CLOSE_CODES } from "../websocket/close.ts";
import type { Carrier } from "../websocket/peer.ts";
import { WebSocketPeer } from "../websocket/peer.ts";
import {
  type ClientMessage,
  decodeClientMessage,
  encodeCapacity,
  type Initialize,
  MAX_OUTSTANDING,
  PIECE,
  REPORT_EVERY,
  type Size,
} from "./messages.ts";

/** A process that has been started. */
export type ExecProcess = {
  /** Standard output and standard error together; ends when nobody holds them open any more. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Rejects when the process can no longer be watched. */
  readonly exited: Promise<number>;
  /** Resolves when the process may read them; also when it does not want them any more. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly endInput: () => Promise<void>;
  readonly resize: (size: Size) => Promise<void>;
  /** Ends the process if it still runs, and everything that was made for it. */
  readonly dispose: () => Promise<void>;
};

/** Throws a `Fault` whose message is for the client. */
export type StartProcess = (wanted: Initialize) => Promise<ExecProcess>;

export type SessionOptions = {
  readonly carrier: Carrier;
  readonly start: StartProcess;
  readonly log: Log;
  readonly pingMs?: number;
  readonly silenceMs?: number;
};

/** Bytes of input that may wait for the process; a client that keeps to its messages stays below. */
const MAX_INPUT_BYTES = 2 * MAX_OUTSTANDING * PIECE;
/** A command may be long, and each of its bytes takes up to four. */
const MAX_MESSAGE = 256 * 1024;
/** Unsent bytes at which no more output is read. */
const HIGH_WATER = 128 * 1024;
/** After the exit: how long output may stay away until it counts as all there was, and how much of it is waited for. */
const DRAIN_MS = 500;
const DRAIN_BYTES = 1024 * 1024;
/** A client may have much to show before it sees the end; whether it lives is known by its pings. */
const CLOSING_MS = 600_000;

export class ExecSession implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #peer: WebSocketPeer;
  #process: Promise<ExecProcess> | undefined;
  /** Everything for the process's input, in order. */
  #input: Promise<void> = Promise.resolve();
  #outstanding = 0;
  #outstandingBytes = 0;
  #written = 0;
  #inputEnded = false;
  #drained: (() => void) | undefined;
  readonly #over: Promise<void>;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#peer = new WebSocketPeer({
      carrier: options.carrier,
      role: "server",
      maxPayload: MAX_MESSAGE,
      closingMs: CLOSING_MS,
      ...(options.pingMs === undefined ? {} : { pingMs: options.pingMs }),
      ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
      onMessage: (kind, payload) => (kind === "text" ? this.#control(payload) : this.#data(payload)),
      onClose: () => {
        this.drained();
        resolve();
      },
    });
    this.#over = promise.then(() => this.#release());
    this.#reportCapacity();
  }

  /** Resolves when the client has gone and nothing is left of the process. */
  get over(): Promise<void> {
    return this.#over;
  }

  received(bytes: Uint8Array): void {
    this.#peer.received(bytes);
  }

  drained(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  closed(): void {
    this.#peer.closed();
  }

  /** The server stops: client and process are let go. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#peer.close(CLOSE_CODES.goingAway, "The server stops");
    this.#options.carrier.end();
    this.#peer.closed();
    await this.#over;
  }

  #control(payload: Uint8Array): void {
    const message = decodeClientMessage(payload);
    if (!message.ok) return this.#peer.close(CLOSE_CODES.invalid, message.fault.message);
    return this.#obey(message.value);
  }

  #obey(message: ClientMessage): void {
    if (message.kind === "initialize") {
      if (this.#process !== undefined) return this.#refuse("Cannot start another process in this session");
      return this.#begin(message.initialize);
    }
    const process = this.#process;
    if (process === undefined) return this.#refuse("Cannot take messages before Initialize");
    if (message.kind === "winch") return this.#quietly(process.then((each) => each.resize(message.size)));
    if (this.#inputEnded) return undefined;
    this.#inputEnded = true;
    this.#enqueue(async () => (await process).endInput());
    return undefined;
  }

  #data(payload: Uint8Array): void {
    const process = this.#process;
    if (process === undefined) return this.#refuse("Cannot take input before Initialize");
    if (this.#inputEnded) return this.#refuse("Cannot take input after its end");
    this.#outstanding += 1;
    this.#outstandingBytes += payload.length;
    if (this.#outstanding > MAX_OUTSTANDING || this.#outstandingBytes > MAX_INPUT_BYTES) {
      return this.#peer.close(CLOSE_CODES.tooLarge, "Cannot take more input than was said");
    }
    return this.#enqueue(async () => {
      await (await process).write(payload);
      this.#outstanding -= 1;
      this.#outstandingBytes -= payload.length;
      this.#written += 1;
      if (this.#written % REPORT_EVERY === 0) this.#reportCapacity();
    });
  }

  #begin(wanted: Initialize): void {
    const process = this.#options.start(wanted);
    this.#process = process;
    process.then((started) => this.#run(started)).catch((thrown: unknown) => this.#failed(thrown));
  }

  async #run(process: ExecProcess): Promise<void> {
    const { promise: drained, resolve: allRead } = Promise.withResolvers<void>();
    const state: { exited: boolean; afterExit: number; quiet?: Timer } = { exited: false, afterExit: 0 };
    const startClock = (): void => {
      clearTimeout(state.quiet);
      if (state.exited) state.quiet = setTimeout(allRead, DRAIN_MS);
    };
    const pump = this.#pump(process, (bytes) => {
      if (state.exited) state.afterExit += bytes;
      clearTimeout(state.quiet);
      return { more: state.afterExit < DRAIN_BYTES, sent: startClock };
    });
    void pump.then(allRead, allRead);
    const status = await process.exited;
    state.exited = true;
    startClock();
    await drained;
    clearTimeout(state.quiet);
    this.#peer.close(CLOSE_CODES.normal, String(status));
  }

  /** Carries output to the client at the pace at which it reads. */
  async #pump(process: ExecProcess, seen: (bytes: number) => { more: boolean; sent: () => void }): Promise<void> {
    for await (const chunk of process.output) {
      if (!this.#peer.open) return;
      const { more, sent } = seen(chunk.length);
      for (let at = 0; at < chunk.length; at += PIECE) this.#peer.send("binary", chunk.subarray(at, at + PIECE));
      if (this.#options.carrier.backlog() > HIGH_WATER && this.#peer.open) {
        await new Promise<void>((resolve) => void (this.#drained = resolve));
      }
      sent();
      if (!more) return;
    }
  }

  #enqueue(work: () => Promise<void>): void {
    // A process that could not be started has told the client already.
    this.#input = this.#input.then(work).catch(() => {});
  }

  #quietly(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      this.#options.log.debug("A window keeps its size", { why });
    });
  }

  #refuse(why: string): void {
    this.#peer.close(CLOSE_CODES.policy, why);
  }

  #failed(thrown: unknown): void {
    const known = thrown instanceof Fault;
    const why = known ? thrown.message : "Cannot run the command: the server met an error of its own, see its journal";
    if (!known) this.#options.log.error("An exec session met an error", { error: String(thrown) });
    this.#peer.close(CLOSE_CODES.error, why);
  }

  #reportCapacity(): void {
    this.#peer.send("text", encodeCapacity({ maxOutstanding: MAX_OUTSTANDING, written: this.#written }));
  }

  async #release(): Promise<void> {
    const process = await this.#process?.catch(() => undefined); // the client has been told
    await process?.dispose();
  }
}
