/** Running the load generator: compiled once per run with the locked tool set. */
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { runTool } from "../../image/format/build-tools.ts";

const source = fileURLToPath(new URL("load.c", import.meta.url));

export type Load = {
  readonly seconds: number;
  readonly answers: number;
  readonly rounds: number;
  readonly refused: number;
};
const loadSchema = z.object({ seconds: z.number(), answers: z.number(), rounds: z.number(), refused: z.number() });

export async function compileLoad(root: string, work: string): Promise<void> {
  await copyFile(source, join(work, "load.c"));
  await runTool({ root, work }, ["/usr/bin/gcc", "-O2", "-static", "/work/load.c", "-o", "/work/load"]);
}

export type LoadOptions = {
  readonly work: string;
  readonly socket: string;
  readonly connections: number;
  readonly seconds: number;
  /** The requests of a round. */
  readonly requests: readonly string[];
};

export async function runLoad({ work, socket, connections, seconds, requests }: LoadOptions): Promise<Load> {
  const files = requests.map((_, at) => join(work, `request-${at}`));
  for (const [at, file] of files.entries()) await writeFile(file, requests[at] ?? "");
  const argv = [join(work, "load"), socket, String(connections), String(seconds), ...files] as const;
  return loadSchema.parse(JSON.parse(orThrow(await run(argv, { timeoutMs: (seconds + 60) * 1000 })).stdout));
}
