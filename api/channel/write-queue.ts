/**
 * The bytes on their way to a device that never blocks: it takes some of them or none, and is asked again a little
 * later. What a session left unsent is dropped at the next one, and a newline ends the line that was cut.
 */
import type { Device } from "./device.ts";

const RETRY_MS = 4;
const AWAY_RETRY_MS = 100;
const newline = Buffer.from("\n");

export class WriteQueue {
  readonly #device: Device;
  readonly #drained: () => void;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #fails = 0;
  #timer: Timer | undefined;

  /** `drained` is called each time that the device has taken everything. */
  constructor(device: Device, drained: () => void) {
    this.#device = device;
    this.#drained = drained;
  }

  get backlog(): number {
    return this.#size;
  }

  send(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#timer === undefined) this.#flush();
  }

  /** Drops what is unsent. The other end may have half a line: it is ended before the next one. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pieces = [newline];
    this.#size = newline.length;
    this.#fails = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pieces = [];
    this.#size = 0;
  }

  #flush(): void {
    this.#timer = undefined;
    while (this.#size > 0) {
      const [first = newline] = this.#pieces;
      const taken = this.#device.write(first);
      this.#size -= taken;
      this.#fails = taken > 0 ? 0 : this.#fails + 1;
      if (taken === 0) break;
      if (taken < first.length) this.#pieces[0] = first.subarray(taken);
      else this.#pieces.shift();
    }
    // A device that takes nothing for long has no host: asking it less often keeps an idle machine idle.
    if (this.#size > 0) this.#timer = setTimeout(() => this.#flush(), this.#fails > 50 ? AWAY_RETRY_MS : RETRY_MS);
    else queueMicrotask(this.#drained);
  }
}
