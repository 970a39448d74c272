/**
 * The guest's end of the channel as a device file: a virtio-serial port, or anything that behaves like one. Opened
 * without blocking, because a blocking write makes the kernel spin until the host has taken the bytes; a port can be
 * opened by one program at a time. Reading gives 0 bytes while no host is connected.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { Fault } from "../../base/result.ts";

export type DeviceEvent = { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "away" };

export type Device = {
  /** What comes in, in order; `away` whenever no host is connected. Ends with `signal`. */
  readonly events: (signal?: AbortSignal) => AsyncIterable<DeviceEvent>;
  /** Takes some of `bytes` and returns how many: 0 when the device is full or no host is there. Never blocks. */
  readonly write: (bytes: Uint8Array) => number;
};

/** How long to wait before a device without a host is read again. */
const AWAY_MS = 250;

/** A device file, open until disposed. */
export class PortDevice implements Device, Disposable {
  readonly #path: string;
  readonly #fd: number;

  /** Throws `Fault("device-failed")` when the file is missing or in use. Takes over `fd`, when given. */
  constructor(path: string, fd: number = openPort(path)) {
    this.#path = path;
    this.#fd = fd;
  }

  async *events(signal?: AbortSignal): AsyncGenerator<DeviceEvent> {
    for (;;) {
      // The stream ends at each read of 0 bytes, that is, when the host's end is closed.
      const reader = Bun.file(this.#fd).stream().getReader();
      const cancel = (): void => void reader.cancel().catch(() => {});
      if (signal?.aborted === true) cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          yield { kind: "bytes", bytes: part.value };
        }
      } catch (cause) {
        if (!passing(cause)) throw Fault.from("device-failed", `Cannot read "${this.#path}"`, cause);
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
      if (signal?.aborted === true) return;
      yield { kind: "away" };
      await Bun.sleep(AWAY_MS);
    }
  }

  write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (cause) {
      if (passing(cause)) return 0;
      throw Fault.from("device-failed", `Cannot write "${this.#path}"`, cause);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

function openPort(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (cause) {
    throw Fault.from("device-failed", `Cannot open "${path}"`, cause, { path });
  }
}

/** Errors that say "not now": full, interrupted, or no host (a virtio port says EPIPE, a terminal EIO). */
function passing(cause: unknown): boolean {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "EAGAIN" || code === "EINTR" || code === "EPIPE" || code === "EIO";
}
