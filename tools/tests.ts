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

/** Runs `bun test` on `paths` (all when empty), passing its output through. */
export async function runTests(paths: readonly string[]): Promise<Counts> {
  const { status, output } = await passThrough([process.execPath, "test", `--timeout=${TIMEOUT_MS}`, ...paths]);
  const counts = { passed: countOf(output, "pass"), failed: countOf(output, "fail") };
  const vacuous = counts.passed + counts.failed === 0;
  const hidden = status !== 0 && counts.failed === 0;
  return vacuous || hidden ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** Runs a program in the repository's root with its output shown, and kept. */
export function passThrough(argv: readonly string[]): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve) => {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const show = (to: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString("utf8");
      to.write(chunk);
    };
    child.stdout.on("data", show(process.stdout));
    child.stderr.on("data", show(process.stderr));
    child.on("error", (cause) => resolve({ status: 1, output: `${output}${cause.message}\n` }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

function countOf(output: string, word: "pass" | "fail"): number {
  const found = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}$`, "gm"))].at(-1);
  return Number(found?.[1] ?? 0);
}
