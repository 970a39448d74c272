/** `npm run check`: format, lint, types, boundaries, unit tests; names every part that failed; the last line counts, as that of `npm test`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import { findViolations } from "./boundaries.ts";
import { passThrough, root, runTests } from "./tests.ts";

const bin = (name: string): string => join(root, "node_modules", ".bin", name);

const parts: Readonly<Record<string, () => Promise<boolean>>> = {
  format: async () => (await passThrough([bin("oxfmt"), "--check", "."])).status === 0,
  lint: async () => (await passThrough([bin("oxlint"), "--type-aware", "."])).status === 0,
  types: async () => (await passThrough([bin("tsc"), "-p", "."])).status === 0,
  boundaries: checkBoundaries,
  tests: async () => (await runTests(await unitTests())).counts.failed === 0,
};

async function checkBoundaries(): Promise<boolean> {
  const paths = await sources("{base,disk,settings,containers,updates,api,cloud,image,machine,fleet,bin}/**/*.ts");
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })),
  );
  const listed = await readFile(join(root, "docs/dependencies.md"), "utf8");
  const allowed = new Set([...listed.matchAll(/^\| `([^`]+)`/gm)].map((row) => row[1] ?? ""));
  const bad = findViolations(files, allowed);
  for (const line of bad) process.stdout.write(`boundaries: ${line}\n`);
  process.stdout.write(`boundaries: ${files.length} files, ${allowed.size} dependencies listed\n`);
  return bad.length === 0 && files.length > 0 && allowed.size > 0;
}

async function unitTests(): Promise<readonly string[]> {
  return (
    await sources("{base,disk,settings,containers,updates,api,cloud,image,machine,fleet,bin,tools,bench}/**/*.test.ts")
  ).map((path) => `./${path}`);
}

async function sources(pattern: string): Promise<readonly string[]> {
  return (await Array.fromAsync(new Glob(pattern).scan({ cwd: root }))).toSorted();
}

const failed: string[] = [];
for (const [name, work] of Object.entries(parts)) {
  process.stdout.write(`== ${name}\n`);
  if (!(await work())) failed.push(name);
}
const good = Object.keys(parts).length - failed.length;
if (failed.length > 0) process.stdout.write(`check: failed: ${failed.join(", ")}\n`);
process.stdout.write(`check: ${good} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
