/**
 * The parsers of boot/formats, compiled for this machine with the clang of the locked `test` set, with the address and
 * undefined-behaviour sanitizers: a program that runs them on given inputs, and one fuzzer for each.
 */
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { type BuildTools, runTool } from "../../image/format/build-tools.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";

const sources = join(import.meta.dir, "../../boot/formats");
const programs = join(import.meta.dir, "programs");

const FLAGS = [
  ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fno-omit-frame-pointer"],
  ["-iquote", "/work", "-fno-sanitize-recover=all"],
].flat();

/** A work folder with the sources in it, `/work` for the compiler. */
export async function openFolder(): Promise<BuildTools & AsyncDisposable> {
  const work = await mkdtemp(join(tmpdir(), "sparkler-boot-c-"));
  await cp(sources, join(work, "formats"), { recursive: true });
  await cp(programs, join(work, "programs"), { recursive: true });
  await mkdir(join(work, "corpus"));
  const remove = (): Promise<void> => rm(work, { recursive: true, force: true });
  return { root: await toolRoot("test"), work, [Symbol.asyncDispose]: remove };
}

/** Compiles `programs/driver.c` to `driver`. */
export async function compileDriver(tools: BuildTools): Promise<void> {
  await compile(tools, ["-fsanitize=address,undefined"], "driver");
}

/** Compiles `programs/fuzz.c` for one of its functions to `fuzz-TARGET`. */
export async function compileFuzzer(tools: BuildTools, target: string): Promise<void> {
  await compile(tools, ["-fsanitize=fuzzer,address,undefined", `-DFUZZ=${target}`], "fuzz", `fuzz-${target}`);
}

async function compile(tools: BuildTools, flags: readonly string[], name: string, output = name): Promise<void> {
  const names = (await readdir(sources)).filter((each) => each.endsWith(".c")).toSorted();
  const files = [...names.map((each) => `formats/${each}`), "programs/memory_disk.c", `programs/${name}.c`];
  await runTool(tools, ["/usr/bin/clang", ...FLAGS, ...flags, ...files, "-o", `/work/${output}`]);
}

/** What the driver prints for each input, one line each. Throws when a sanitizer finds something. */
export async function drive(
  tools: BuildTools,
  parser: string,
  inputs: readonly (Uint8Array | string)[],
): Promise<readonly string[]> {
  const bytes = inputs.map((each) => Buffer.from(each));
  const framed = bytes.flatMap((each) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(each.length);
    return [head, each];
  });
  const argv = sandboxArgv({
    root: tools.root,
    binds: [{ from: tools.work, to: "/work" }],
    argv: ["/work/driver", parser],
  });
  const { stdout } = orThrow(await run(argv, { input: Buffer.concat(framed), timeoutMs: 120_000 }));
  const lines = stdout.split("\n").slice(0, -1);
  if (lines.length !== inputs.length) throw new Error(`${lines.length} answers to ${inputs.length} inputs`);
  return lines;
}
