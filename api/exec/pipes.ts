/**
 * The two ends that this side has of a process's named pipes. Output ends when the last writer has gone, so its pipe
 * must not be read before there is one; input is written without ever blocking.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { Fault } from "../../base/result.ts";

const RETRY_MS = 2;
/** How long containerd may take to open what it has been told of: a machine may have much else to do. */
const OPEN_MS = 60_000;

export class OutputPipe implements Disposable {
  readonly #fd: number;
  #cancel: (() => Promise<void>) | undefined;

  /** Open from now on, so that whoever opens it for writing does not wait. */
  constructor(path: string) {
    this.#fd = openPipe(path, constants.O_RDONLY);
  }

  /** Preconditions: somebody has opened it for writing. */
  async *read(): AsyncGenerator<Uint8Array> {
    const reader = Bun.file(this.#fd).stream().getReader();
    this.#cancel = () => reader.cancel();
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  }

  [Symbol.dispose](): void {
    const close = (): void => closeSync(this.#fd);
    if (this.#cancel === undefined) close();
    else
      void this.#cancel()
        .catch(() => {})
        .then(close); // what was read last is for nobody any more
  }
}

export class InputPipe implements Disposable {
  #fd: number | undefined;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Waits until somebody has opened it for reading: containerd does so by itself, maybe after it has said that the process
   * runs. Undefined when the process has ended meanwhile.
   */
  static async open(path: string, hasEnded: () => boolean): Promise<InputPipe | undefined> {
    for (const end = performance.now() + OPEN_MS; ; await Bun.sleep(RETRY_MS)) {
      if (hasEnded()) return undefined;
      try {
        return new InputPipe(openPipe(path, constants.O_WRONLY));
      } catch (thrown) {
        if (performance.now() > end || !isUnread(thrown)) throw thrown;
      }
    }
  }

  /** Resolves when the pipe has taken everything, or when nobody reads it any more. */
  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && this.#fd !== undefined) {
      const taken = tryWrite(this.#fd, rest);
      if (taken === undefined) return this[Symbol.dispose]();
      rest = rest.subarray(taken);
      if (taken === 0) await Bun.sleep(RETRY_MS);
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function isUnread(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENXIO";
}

/** How many bytes were taken; undefined: nobody reads. */
function tryWrite(fd: number, bytes: Uint8Array): number | undefined {
  try {
    return writeSync(fd, bytes);
  } catch (cause) {
    const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EAGAIN" || code === "EINTR") return 0;
    if (code === "EPIPE") return undefined;
    throw cause;
  }
}

function openPipe(path: string, access: number): number {
  try {
    // oxlint-disable-next-line no-bitwise -- flags of open(2)
    return openSync(path, access | constants.O_NONBLOCK);
  } catch (cause) {
    throw Fault.from("no-pipe", `Cannot open the pipe "${path}"`, cause, { path });
  }
}
