/** Making named pipes, which the runtime cannot do itself. */
import { stat } from "node:fs/promises";
import { orThrow } from "./result.ts";
import { run } from "./run.ts";

/** Of coreutils. */
const MKFIFO = "/usr/bin/mkfifo";
const MKFIFO_MS = 10_000;

/** Makes named pipes that only their owner may open. Those that are there already stay. Throws `Fault` of `run()`. */
export async function makeFifos(paths: readonly string[]): Promise<void> {
  const there = await Promise.all(paths.map(isFifo));
  const missing = paths.filter((_, at) => there[at] !== true);
  if (missing.length > 0) orThrow(await run([MKFIFO, "--mode=600", "--", ...missing], { timeoutMs: MKFIFO_MS }));
}

async function isFifo(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFIFO(),
    () => false,
  );
}
