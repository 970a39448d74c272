/**
 * Running the tests with Bun's runner and reading its closing lines, so that every caller sees one pair of counts.
 * A run without a single test counts as failed: a check that looked at nothing must not pass.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** How long one test may take that does not say so itself: a machine with much to do is no failure. */
const TIMEOUT_MS = 60_000;

export type Counts = { readonly passed: number; readonly failed: number };

export type Ended = { readonly status: number; readonly output: string };

/** Runs `bun test` on `paths` (all when empty); its output is shown as it comes when `live`, and returned. */
export async function runTests(
  paths: readonly string[],
  { live = true }: { readonly live?: boolean } = {},
): Promise<{ readonly counts: Counts; readonly output: string }> {
  const argv = [process.execPath, "test", `--timeout=${TIMEOUT_MS}`, ...paths];
  const { status, output } = await passThrough(argv, live);
  const counts = { passed: countOf(output, "pass"), failed: countOf(output, "fail") };
  const vacuous = counts.passed + counts.failed === 0;
  const hidden = status !== 0 && counts.failed === 0;
  return { counts: vacuous || hidden ? { ...counts, failed: counts.failed + 1 } : counts, output };
}

/** Runs a program in the repository's root with its output kept, and shown unless told otherwise. */
export function passThrough(argv: readonly string[], live = true): Promise<Ended> {
  return new Promise((resolve) => {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const show = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString("utf8");
      if (live) to.write(chunk);
    };
    child.stdout.on("data", show(process.stdout));
    child.stderr.on("data", show(process.stderr));
    child.on("error", (cause) => resolve({ status: 1, output: `${output}${cause.message}\n` }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/**
 * What a run says of its failures, each with up to `most` lines before its name, for the end of a long output where
 * readers look first. The end of the output when it failed without naming a test.
 */
export function failuresIn(output: string, most = 60): string {
  const lines = output.trimEnd().split("\n");
  const kept: string[] = [];
  let begin = 0;
  for (const [at, line] of lines.entries()) {
    if (!/^\((?:pass|fail)\)/.test(line)) continue;
    if (line.startsWith("(fail)")) kept.push(...lines.slice(Math.max(begin, at - most), at + 1));
    begin = at + 1;
  }
  return (kept.length > 0 ? kept : lines.slice(-most)).join("\n");
}

function countOf(output: string, word: "pass" | "fail"): number {
  const found = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}$`, "gm"))].at(-1);
  return Number(found?.[1] ?? 0);
}
