/** A stand-in for QEMU's virtio-serial port: a Unix socket for one host at a time, and the guest's device behind it. */
import { rmSync } from "node:fs";
import { type Server, type Socket, createServer } from "node:net";
import type { Device, DeviceEvent } from "./device.ts";

export type FakePortOptions = {
  /** The guest sees a host go; otherwise the next host's bytes simply follow, as when it was not looking. */
  readonly tellsAway: boolean;
  /** Bytes that the device takes from one write, at most. */
  readonly takes?: number;
};

export class FakePort implements AsyncDisposable {
  readonly device: Device;
  /** All that hosts have sent. */
  readonly received: Uint8Array[] = [];
  readonly #path: string;
  readonly #server: Server;
  readonly #events: DeviceEvent[] = [];
  #host: Socket | undefined;
  #wake: () => void = () => {};

  constructor(path: string, options: FakePortOptions) {
    this.#path = path;
    this.device = {
      events: (signal) => this.#drain(signal),
      write: (bytes) => this.#write(bytes.subarray(0, options.takes ?? 32 * 1024)),
    };
    this.#server = createServer((socket) => {
      this.#host?.destroy();
      this.#host = socket;
      socket.on("data", (bytes: Buffer) => {
        this.received.push(bytes);
        this.#put({ kind: "bytes", bytes });
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        if (this.#host === socket) this.#host = undefined;
        if (options.tellsAway) this.#put({ kind: "away" });
      });
    });
    rmSync(path, { force: true });
    this.#server.listen(path);
  }

  /** Cuts the host off, as a QEMU that is told to close its socket. */
  dropHost(): void {
    this.#host?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#host?.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    rmSync(this.#path, { force: true });
  }

  #write(bytes: Uint8Array): number {
    if (this.#host === undefined || this.#host.writableLength > 64 * 1024) return 0;
    this.#host.write(Uint8Array.from(bytes));
    return bytes.length;
  }

  #put(event: DeviceEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  async *#drain(signal?: AbortSignal): AsyncGenerator<DeviceEvent> {
    for (;;) {
      if (signal?.aborted === true) return;
      const event = this.#events.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}
