/**
 * The first-party executable of the image: bin/host.ts compiled with its runtime into one file, hardened. It reads no
 * `.env` or `bunfig.toml` of the folder it is started in, and the two environment variables that would turn it into a
 * general interpreter are renamed away in the file itself.
 */
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault, orThrow } from "../base/result.ts";
import { run } from "../base/run.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** Names that the runtime looks for in its environment, each replaced by as many other bytes. */
const NEUTRALISED = ["BUN_BE_BUN", "BUN_OPTIONS"];

export type ExecutableOptions = {
  /** What it is compiled from; default `bin/host.ts`. */
  readonly entry?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Compiles the executable to `target`, which appears whole. The compiling program's own runtime is the base. */
export async function makeExecutable(target: string, options: ExecutableOptions = {}): Promise<void> {
  const { signal } = options;
  const half = `${target}.part`;
  const argv = [
    process.execPath,
    "build",
    "--compile",
    // As modules with bytecode beside them: a program loads only its own part, and nothing is parsed at its start.
    "--format=esm",
    "--splitting",
    "--bytecode",
    // Where a library lies on the building machine is nobody's business, and would make other bytes elsewhere.
    '--define=__dirname="/nonexistent"',
    '--define=__filename="/nonexistent"',
    "--minify-syntax",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    `--compile-executable-path=${process.execPath}`,
    `--outfile=${half}`,
    options.entry ?? join("bin", "host.ts"),
  ] as const;
  const env = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C.UTF-8" };
  orThrow(await run(argv, { cwd: repository, env, ...(signal === undefined ? {} : { signal }) }));
  await writeFile(half, neutralise(await readFile(half)));
  await chmod(half, 0o755);
  await rename(half, target);
}

/** `bytes` with every neutralised name overwritten in place. Throws when a name is not there: the runtime changed. */
export function neutralise(bytes: Buffer): Buffer {
  for (const name of NEUTRALISED) {
    let found = 0;
    for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) {
      bytes.write("X".repeat(name.length), at, "latin1");
      found += 1;
    }
    if (found === 0)
      throw new Fault("harden-failed", `Cannot neutralise "${name}": the runtime does not hold that name`);
  }
  return bytes;
}
