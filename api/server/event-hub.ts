/**
 * Server-sent events (the event-stream format of HTML): commits, confirmations, reverts and applies from the engine, and
 * units that fail, to every client that listens. What a client does not read is held up to the connection's limit.
 */
import { Fault } from "../../base/result.ts";
import type { Log } from "../../base/log.ts";
import type { Engine } from "../../settings/engine.ts";
import type { HttpAnswer, Sink } from "../http/message.ts";
import type { UnitFailure, WatchUnits } from "./unit-failures.ts";

/** Each holds a connection for good; more listeners than this on one machine are a mistake. */
const MAX_STREAMS = 64;
/** A comment this often finds out clients that are gone, and tells the others that the stream is alive. */
const BEAT_MS = 15_000;

type Stream = NonNullable<HttpAnswer["stream"]>;

export type EventHubPorts = {
  readonly engine: Pick<Engine, "subscribe">;
  readonly watchUnits: WatchUnits;
  readonly log: Log;
};

export class EventHub implements Disposable {
  readonly #ports: EventHubPorts;
  readonly #sinks = new Set<Sink>();
  #promised = 0;
  #number = 0;
  #stops: (() => void)[] = [];

  constructor(ports: EventHubPorts) {
    this.#ports = ports;
  }

  /** A stream for one more client. Throws `Fault("too-many-streams")`. */
  open(): Stream {
    if (this.#sinks.size + this.#promised >= MAX_STREAMS) {
      throw new Fault("too-many-streams", `Cannot open another stream of events: ${MAX_STREAMS} are open`);
    }
    this.#promised += 1;
    return (sink) => {
      this.#promised -= 1;
      this.#sinks.add(sink);
      if (this.#sinks.size === 1) this.#start();
      // So that a client knows from when on it misses nothing.
      sink.write(": listening\n\n");
      return () => this.#leave(sink);
    };
  }

  get listeners(): number {
    return this.#sinks.size;
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    for (const sink of this.#sinks) sink.end();
    this.#sinks.clear();
    this.#stop();
  }

  #start(): void {
    const { engine, watchUnits, log } = this.#ports;
    const beat = setInterval(() => this.#write(": alive\n\n"), BEAT_MS);
    const failed = (failure: UnitFailure): void => this.#send({ kind: "unit-failed", ...failure });
    this.#stops = [() => clearInterval(beat), engine.subscribe((event) => this.#send(event)), watchUnits(failed, log)];
  }

  #stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  #send(event: { readonly kind: string }): void {
    this.#number += 1;
    this.#write(`id: ${this.#number}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  #write(text: string): void {
    // A sink that does not take it has called its leave by itself, or is about to.
    for (const sink of this.#sinks) sink.write(text);
  }

  #leave(sink: Sink): void {
    if (this.#sinks.delete(sink) && this.#sinks.size === 0) this.#stop();
  }
}
