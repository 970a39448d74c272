/**
 * Named pipes, through which containerd's shim and this side hand a process's output and input to each other. Opened for
 * both directions and without blocking, so that no end ever waits for, or ends with, the other.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Fault } from "../../base/result.ts";

/** How long to go on reading once the writer is gone: what it wrote last may be under way. */
const DRAIN_MS = 200;

/** An open end; reading never sees an end of file, so whoever reads says when it is enough. */
export async function openFifo(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (cause) {
    throw Fault.from("not-opened", `Cannot open the pipe "${path}"`, cause, { path });
  }
}

/** What comes through a pipe, until `signal`; what is in it at that moment is still given. */
export async function* readFifo(fd: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = Bun.file(fd).stream().getReader();
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => void setTimeout(() => resolve(undefined), DRAIN_MS);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const part = await Promise.race([reader.read(), stopped]);
      if (part?.value === undefined) return;
      yield part.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await reader.cancel().catch(() => {}); // the descriptor is closed by its owner
  }
}
