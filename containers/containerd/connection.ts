/** A connection to a containerd over its Unix socket: calls, streams, and failures by the name of their gRPC status. */
import { connect, type Socket } from "node:net";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { Fault } from "../../base/result.ts";
import type { Call } from "./services.ts";

export type ContainerdFault = "not-found" | "already-exists" | "unavailable" | "cancelled" | "containerd-failed";

export type ConnectOptions = {
  readonly socket: string;
  readonly namespace: string;
  /** Whose leases are made here: those that an earlier program of the same owner has left are of no use to anybody. */
  readonly owner?: string;
};

export type CallOptions = {
  readonly signal?: AbortSignal | undefined;
  /** The lease that holds whatever this call makes. */
  readonly lease?: string | undefined;
  readonly timeoutMs?: number | undefined;
};

/** How long a call may take that does no work in proportion to an image or a container's life. */
const TIMEOUT_MS = 60_000;
/** How long one answer of a stream may take: the longest is for bytes to be on the disk. */
const ANSWER_MS = 180_000;
/** A little less than what containerd gives a connection to say something. */
const CANARY_MS = 119_000;
/** Pieces of blobs are well below this. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** One stream both ways, in which each request has one answer. */
export type Exchange<I, O> = {
  readonly ask: (input: Partial<I>) => Promise<O>;
  readonly end: () => void;
};

export class Containerd implements Disposable {
  readonly #socket: string;
  readonly #namespace: string;
  readonly owner: string;
  #client: Client;
  /** Tells whether containerd is there; see `#watch`. */
  #canary: Socket | undefined;
  /** What fails the calls that wait for an answer. */
  readonly #waiting = new Set<() => void>();

  constructor({ socket, namespace, owner }: ConnectOptions) {
    this.#socket = socket;
    this.#namespace = namespace;
    this.owner = owner ?? "nobody";
    this.#client = makeClient(socket);
  }

  /** One request, one answer. Rejects with a `Fault<ContainerdFault>`. */
  call<I, O>(which: Call<I, O>, input: Partial<I>, options: CallOptions = {}): Promise<O> {
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    const deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
    const running = this.#client.makeUnaryRequest<Partial<I>, O>(
      which.path,
      (value) => Buffer.from(which.input.encode(value)),
      (bytes) => which.output.decode(bytes),
      input,
      this.#metadata(options),
      { deadline: options.timeoutMs === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : deadline },
      (error, answer) => {
        if (error !== null) return reject(faultOf(which.path, error));
        if (answer === undefined) return reject(new Fault("containerd-failed", `Cannot ${which.path}: no answer`));
        return resolve(answer);
      },
    );
    this.#guard(promise, () => {
      running.cancel();
      reject(gone(which.path));
    });
    return cancellable(promise, () => running.cancel(), options.signal);
  }

  /** Answers as they come. Throws a `Fault<ContainerdFault>` where the stream breaks. */
  async *stream<I, O>(which: Call<I, O>, input: Partial<I>, options: CallOptions = {}): AsyncGenerator<O> {
    const running = this.#client.makeServerStreamRequest<Partial<I>, O>(
      which.path,
      (value) => Buffer.from(which.input.encode(value)),
      (bytes) => which.output.decode(bytes),
      input,
      this.#metadata(options),
    );
    const stop = (): void => running.cancel();
    options.signal?.addEventListener("abort", stop, { once: true });
    try {
      const pieces: AsyncIterable<O> = running;
      yield* pieces;
    } catch (cause) {
      throw isServiceError(cause) ? faultOf(which.path, cause) : cause;
    } finally {
      options.signal?.removeEventListener("abort", stop);
      running.cancel();
    }
  }

  /** A stream both ways. */
  exchange<I, O>(which: Call<I, O>, options: CallOptions = {}): Exchange<I, O> {
    const running = this.#client.makeBidiStreamRequest<Partial<I>, O>(
      which.path,
      (value) => Buffer.from(which.input.encode(value)),
      (bytes) => which.output.decode(bytes),
      this.#metadata(options),
    );
    let waiting: { readonly resolve: (answer: O) => void; readonly reject: (cause: unknown) => void } | undefined;
    let broken: Fault | undefined;
    running.on("data", (answer: O) => {
      waiting?.resolve(answer);
      waiting = undefined;
    });
    const fail = (fault: Fault): void => {
      broken ??= fault;
      waiting?.reject(broken);
      waiting = undefined;
    };
    running.on("error", (error: ServiceError) => fail(faultOf(which.path, error)));
    running.on("end", () => fail(new Fault("containerd-failed", `Cannot ${which.path}: the stream has ended`)));
    return {
      ask: (input) => {
        const { promise, resolve, reject } = Promise.withResolvers<O>();
        if (broken !== undefined) reject(broken);
        waiting = { resolve, reject };
        this.#guard(promise, () => {
          running.cancel();
          fail(gone(which.path));
        });
        running.write(input);
        const late = setTimeout(() => {
          fail(new Fault("unavailable", `Cannot ${which.path}: no answer within ${ANSWER_MS / 1000} s`));
          running.cancel();
        }, ANSWER_MS);
        return cancellable(promise, () => running.cancel(), options.signal).finally(() => clearTimeout(late));
      },
      end: () => running.end(),
    };
  }

  [Symbol.dispose](): void {
    this.#canary?.removeAllListeners("close").destroy();
    this.#client.close();
  }

  /** Calls `lost` when containerd goes away before the answer is there. */
  #guard(answer: Promise<unknown>, lost: () => void): void {
    this.#waiting.add(lost);
    const done = (): void => void this.#waiting.delete(lost);
    answer.then(done, done);
    if (this.#canary === undefined) this.#watch();
  }

  /**
   * The runtime's HTTP/2 does not always tell when the other end of a Unix socket has gone, and containerd forbids asking
   * often whether it is there. A connection of its own on which nothing is ever sent is closed when containerd ends, and
   * after two minutes, when another is made. That one can be made is no sign in itself: the next containerd may be there.
   */
  #watch(): void {
    const canary = connect({ path: this.#socket });
    let since = Number.POSITIVE_INFINITY;
    this.#canary = canary;
    canary.unref();
    canary.once("connect", () => {
      since = performance.now();
    });
    canary.on("error", () => {}); // closing follows
    canary.once("close", () => {
      if (performance.now() - since > CANARY_MS) this.#watch();
      else this.#lose();
    });
  }

  #lose(): void {
    this.#canary = undefined;
    this.#client.close();
    this.#client = makeClient(this.#socket);
    for (const lost of this.#waiting) lost();
  }

  #metadata({ lease }: CallOptions): Metadata {
    const metadata = new Metadata();
    metadata.set("containerd-namespace", this.#namespace);
    if (lease !== undefined) metadata.set("containerd-lease", lease);
    return metadata;
  }
}

function makeClient(socket: string): Client {
  return new Client(`unix://${socket}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_MESSAGE,
    "grpc.enable_http_proxy": 0,
    // It is on this machine: there is nobody to be spared.
    "grpc.initial_reconnect_backoff_ms": 250,
    "grpc.max_reconnect_backoff_ms": 1000,
  });
}

function gone(path: string): Fault<"unavailable"> {
  return new Fault("unavailable", `Cannot call ${path.slice(path.lastIndexOf(".") + 1)}: containerd does not answer`);
}

/** True for a fault of containerd with this code. */
export function hasCode(thrown: unknown, code: ContainerdFault): boolean {
  return thrown instanceof Fault && thrown.code === code;
}

/** The work's result, or undefined where what it asks for is not there. */
export function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((thrown: unknown) => {
    if (hasCode(thrown, "not-found")) return undefined;
    throw thrown;
  });
}

function cancellable<T>(work: Promise<T>, cancel: () => void, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  return work.finally(() => signal.removeEventListener("abort", cancel));
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && "code" in thrown && "details" in thrown;
}

const codes: ReadonlyMap<number, ContainerdFault> = new Map([
  [status.NOT_FOUND, "not-found"],
  [status.ALREADY_EXISTS, "already-exists"],
  [status.UNAVAILABLE, "unavailable"],
  [status.CANCELLED, "cancelled"],
]);

function faultOf(path: string, error: ServiceError): Fault<ContainerdFault> {
  const code = codes.get(error.code) ?? "containerd-failed";
  const what = path.slice(path.lastIndexOf(".") + 1);
  // Details of a deadline are about the library's own steps.
  const why = error.code === status.DEADLINE_EXCEEDED ? "no answer in time; the machine may be busy" : error.details;
  return new Fault(code, `Cannot call ${what} of containerd: ${why}`, { path, status: error.code });
}
