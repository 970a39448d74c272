/** The running API server: an engine behind a Unix socket, until stopped. It does not open or close the engine. */
import { rm } from "node:fs/promises";
import type { Log } from "../../base/log.ts";
import type { Result } from "../../base/result.ts";
import type { Engine } from "../../settings/engine.ts";
import type { Context } from "./answer.ts";
import { ApplyQueue } from "./apply-queue.ts";
import { MAX_BODY } from "./request.ts";
import { answer } from "./router.ts";
import { identify, placeSocket } from "./socket.ts";

export type ServerOptions = {
  readonly engine: Engine;
  readonly socketPath: string;
  readonly socketGid?: number;
  readonly log: Log;
  readonly reboot: () => Promise<Result<unknown>>;
};

/** How long stopping waits for requests, and then for settings that are being applied. */
const STOP_MS = 30_000;

export class ApiServer implements AsyncDisposable {
  readonly #server: Bun.Server<undefined>;
  readonly #options: ServerOptions;
  readonly #applies: ApplyQueue;
  readonly #identity: string | undefined;

  private constructor(
    server: Bun.Server<undefined>,
    options: ServerOptions,
    parts: { applies: ApplyQueue; identity: string | undefined },
  ) {
    this.#server = server;
    this.#options = options;
    this.#applies = parts.applies;
    this.#identity = parts.identity;
  }

  /** Serves as soon as this resolves. */
  static async start(options: ServerOptions): Promise<ApiServer> {
    const { engine, log, reboot } = options;
    const applies = new ApplyQueue(engine, log);
    const context: Context = { engine, applies, log, reboot };
    const server = await placeSocket({ path: options.socketPath, gid: options.socketGid }, (unix) =>
      Bun.serve(serveOptions(unix, context)),
    );
    return new ApiServer(server, options, { applies, identity: await identify(options.socketPath) });
  }

  /** Takes no new connections, lets requests and applying end within their time, and removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { socketPath, log } = this.#options;
    if (this.#identity !== undefined && (await identify(socketPath)) === this.#identity) {
      await rm(socketPath, { force: true });
    }
    if (!(await within(this.#applies.idle(), STOP_MS))) log.error("Stopped while settings were being applied");
    if (!(await within(this.#server.stop(), STOP_MS))) log.warn("Stopped with requests unanswered");
    await this.#server.stop(true);
    this.#applies[Symbol.dispose]();
  }
}

/** The runtime takes this on every socket, and its types only beside a port. */
const withoutIdleLimit: object = { idleTimeout: 0 };

function serveOptions(unix: string, context: Context): Bun.Serve.Options<undefined> {
  return {
    unix,
    // An answer that took longer than the limit would be cut off, and there is no exception for single requests.
    ...withoutIdleLimit,
    // Somewhat more than is taken, so that most senders of too much get a message and not only a status.
    maxRequestBodySize: 2 * MAX_BODY,
    fetch: (request) => answer(request, context),
  };
}

async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
