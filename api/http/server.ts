/** The socket that clients connect to: lets them in, up to a number, and ends those that take too long. */
import { Connection, type Hall } from "./connection.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { HttpHandler } from "./message.ts";

const SWEEP_MS = 500;

export class HttpServer {
  readonly #listener: Bun.UnixSocketListener<Connection>;
  readonly #hall: Hall;
  readonly #connections: Set<Connection>;
  #timer: Timer | undefined;

  /** Listens on the Unix socket `unix` at once; throws what the runtime throws when that does not work. */
  constructor(unix: string, handler: HttpHandler, limits: Partial<Limits> = {}) {
    const hall: Hall = { limits: { ...DEFAULT_LIMITS, ...limits }, handler, bodies: 0, closing: false };
    const connections = new Set<Connection>();
    this.#hall = hall;
    this.#connections = connections;
    this.#listener = Bun.listen<Connection>({
      unix,
      allowHalfOpen: true,
      socket: {
        open: (socket) => {
          socket.data = new Connection(socket, hall);
          this.#admit(socket.data);
        },
        data: (socket, chunk) => socket.data.received(chunk),
        drain: (socket) => socket.data.drained(),
        end: (socket) => socket.data.inputEnded(),
        close: (socket) => this.#gone(socket.data),
        error: (socket) => socket.data.terminate(),
      },
    });
  }

  /** Clients connected now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Takes no new clients and no further requests; resolves when those under way are answered. */
  async stop(): Promise<void> {
    this.#listener.stop();
    this.#hall.closing = true;
    for (const connection of this.#connections) if (connection.idle) connection.close();
    while (this.#connections.size > 0) await Bun.sleep(5);
  }

  /** Drops everybody. */
  terminate(): void {
    this.#listener.stop(true);
    this.#hall.closing = true;
    for (const connection of this.#connections) connection.terminate();
    this.#connections.clear();
    clearInterval(this.#timer);
  }

  #admit(connection: Connection): void {
    const { limits } = this.#hall;
    const full = this.#connections.size >= limits.connections && !this.#makeRoom();
    this.#connections.add(connection);
    if (full) connection.refuse(503, `Cannot serve another client: ${limits.connections} are connected; try again`);
    else connection.expectHead();
    // Only while somebody is connected: an idle machine is not woken up.
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Drops the client that has been idle longest, if one is. */
  #makeRoom(): boolean {
    let oldest: Connection | undefined;
    for (const each of this.#connections) {
      if (each.idle && (oldest === undefined || each.idleSince < oldest.idleSince)) oldest = each;
    }
    oldest?.close();
    return oldest !== undefined;
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections) connection.sweep(now);
  }

  #gone(connection: Connection): void {
    connection.closed();
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
