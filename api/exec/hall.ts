/**
 * All exec sessions of a server: how many there may be, and their end when the server stops. What a session consists of
 * is loaded with the first one, so that a machine where nobody has one does not pay for it.
 */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { Upgraded, Wire } from "../http/message.ts";
import type { ExecPlace } from "./containerd-process.ts";
import type { ExecSession, StartProcess } from "./session.ts";

/** Each holds a few processes' worth of pipes and buffers. */
const MAX_SESSIONS = 64;

export type ExecHallOptions = {
  readonly place: ExecPlace;
  readonly log: Log;
  /** Default: in the containers of that place. */
  readonly start?: StartProcess;
};

export class ExecHall implements AsyncDisposable {
  readonly #options: ExecHallOptions;
  readonly #sessions = new Set<ExecSession>();

  constructor(options: ExecHallOptions) {
    this.#options = options;
  }

  /** What takes over a connection. Throws `Fault("too-many-streams")`. */
  async open(): Promise<(wire: Wire) => Upgraded> {
    const { place, log } = this.#options;
    const { ExecSession: Session } = await import("./session.ts");
    const start = this.#options.start ?? (await import("./containerd-process.ts")).containerdProcesses(place);
    if (this.#sessions.size >= MAX_SESSIONS) {
      throw new Fault("too-many-streams", `Cannot open another session: ${MAX_SESSIONS} are open; try again`);
    }
    return (wire) => {
      const session = new Session({ carrier: wire, start, log });
      this.#sessions.add(session);
      session.over
        .catch((thrown: unknown) => log.error("Cannot end an exec session", { error: String(thrown) }))
        .finally(() => this.#sessions.delete(session));
      return session;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session[Symbol.asyncDispose]()));
  }
}
