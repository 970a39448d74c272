/** What a container writes, carried from its pipes to this program's own output, and by that into the unit's journal. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFifos } from "../../base/fifo.ts";
import { openFifo, readFifo } from "./fifo.ts";
import type { Stdio } from "./task.ts";

export type Output = AsyncDisposable & { readonly stdio: Stdio };

/** Opens the pipes of a container in `folder`, made where they are missing, and carries until disposed. */
export async function carryOutput(folder: string): Promise<Output> {
  const stdio = { stdout: join(folder, "stdout"), stderr: join(folder, "stderr") };
  await makeFifos([stdio.stdout, stdio.stderr]);
  const stop = new AbortController();
  const carried = await Promise.all([
    carry(stdio.stdout, process.stdout, stop.signal),
    carry(stdio.stderr, process.stderr, stop.signal),
  ]);
  return {
    stdio,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(carried.map((done) => done()));
    },
  };
}

/** Removes the pipes of a container that is gone. */
export async function removePipes(folder: string): Promise<void> {
  for (const name of ["stdout", "stderr"]) await rm(join(folder, name), { force: true });
}

async function carry(path: string, to: NodeJS.WriteStream, signal: AbortSignal): Promise<() => Promise<void>> {
  const pipe = await openFifo(path);
  const carrying = (async () => {
    for await (const piece of readFifo(pipe.fd, signal)) {
      if (!to.write(piece)) await once(to, "drain");
    }
  })();
  return async () => {
    await carrying;
    await pipe.close();
  };
}
