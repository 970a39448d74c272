/** The running API server: an engine behind a Unix socket, until stopped. It does not open or close the engine. */
import { rm } from "node:fs/promises";
import type { Log } from "../../base/log.ts";
import type { Result } from "../../base/result.ts";
import { readStatuses } from "../../containers/host/status.ts";
import type { Engine } from "../../settings/engine.ts";
import type { Limits } from "../http/limits.ts";
import { ExecHall } from "../exec/hall.ts";
import type { StartProcess } from "../exec/session.ts";
import { HttpServer } from "../http/server.ts";
import { type FindCaller, loadFindCaller } from "../peer/caller.ts";
import type { Context } from "./answer.ts";
import { ApplyQueue } from "./apply-queue.ts";
import { type EphemeralStorage, ephemeralUnit } from "./ephemeral-unit.ts";
import { EventHub } from "./event-hub.ts";
import { answer } from "./router.ts";
import { SettingsCache } from "./settings-cache.ts";
import { identify, placeSocket } from "./socket.ts";
import { watchJournal, type WatchUnits } from "./unit-failures.ts";

export type ServerOptions = {
  readonly engine: Engine;
  readonly socketPath: string;
  readonly socketGid?: number;
  readonly log: Log;
  readonly reboot: () => Promise<Result<unknown>>;
  /** Default: through its unit of this machine. */
  readonly ephemeral?: EphemeralStorage;
  /** Default: what the runners of this machine say. */
  readonly hostContainerStatuses?: Context["hostContainerStatuses"];
  readonly limits?: Partial<Limits>;
  /** Default: by the image's add-on, or nobody where it is missing. */
  readonly findCaller?: FindCaller;
  /** Default: the journal of this machine. */
  readonly watchUnits?: WatchUnits;
  /** Socket of the containerd in whose containers processes are run; default that of host containers. */
  readonly execSocketPath?: string;
  /** Where the pipes of those processes are. */
  readonly execFolder?: string;
  /** Default: by that containerd. */
  readonly startProcess?: StartProcess;
};

export const EXEC_SOCKET = "/run/host-containerd/containerd.sock";
/** The unit's own runtime folder, which systemd takes away with the unit. */
const EXEC_FOLDER = "/run/apiserver";

/** How long stopping waits for requests, and then for settings that are being applied. */
const STOP_MS = 30_000;

export class ApiServer implements AsyncDisposable {
  readonly #server: HttpServer;
  readonly #options: ServerOptions;
  readonly #context: Context;
  readonly #identity: string | undefined;

  private constructor(parts: { server: HttpServer; options: ServerOptions; context: Context; identity?: string }) {
    this.#server = parts.server;
    this.#options = parts.options;
    this.#context = parts.context;
    this.#identity = parts.identity;
  }

  /** Serves as soon as this resolves. */
  static async start(options: ServerOptions): Promise<ApiServer> {
    const { engine, log, reboot } = options;
    const context: Context = {
      engine,
      applies: new ApplyQueue(engine, log),
      events: new EventHub({ engine, watchUnits: options.watchUnits ?? watchJournal, log }),
      cache: new SettingsCache(engine),
      exec: new ExecHall({
        place: {
          containerdSocket: options.execSocketPath ?? EXEC_SOCKET,
          namespace: "default",
          folder: options.execFolder ?? EXEC_FOLDER,
        },
        log,
        ...(options.startProcess === undefined ? {} : { start: options.startProcess }),
      }),
      findCaller: options.findCaller ?? loadFindCaller(log),
      log,
      ephemeral: options.ephemeral ?? ephemeralUnit(),
      hostContainerStatuses: options.hostContainerStatuses ?? (() => readStatuses()),
      reboot,
    };
    const server = await placeSocket(
      { path: options.socketPath, gid: options.socketGid },
      (unix) => new HttpServer(unix, (request) => answer(request, context), options.limits),
    );
    const identity = await identify(options.socketPath);
    return new ApiServer({ server, options, context, ...(identity === undefined ? {} : { identity }) });
  }

  /** Takes no new connections, lets requests and applying end within their time, and removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { socketPath, log } = this.#options;
    if (this.#identity !== undefined && (await identify(socketPath)) === this.#identity) {
      await rm(socketPath, { force: true });
    }
    const { applies, events, exec } = this.#context;
    events[Symbol.dispose]();
    if (!(await within(exec[Symbol.asyncDispose](), STOP_MS))) log.warn("Stopped with exec sessions open");
    if (!(await within(applies.idle(), STOP_MS))) log.error("Stopped while settings were being applied");
    if (!(await within(this.#server.stop(), STOP_MS))) log.warn("Stopped with requests unanswered");
    this.#server.terminate();
    applies[Symbol.dispose]();
  }
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
