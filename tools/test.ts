/**
 * `npm test`: every test there is, then one line `N passed, N failed` as the last. Unit tests run in one process; each
 * file under tests/ has a process of its own, so that one that crashes hides no other. Two of those run side by side,
 * since much of what they do is waiting for a machine; what a file prints is shown whole when it has ended.
 */
import { availableParallelism } from "node:os";
import { Glob } from "bun";
import { type Counts, failuresIn, root, runTests } from "./tests.ts";

/** Run one after another before the others: they make the two images that those find. */
const ALONE = ["./tests/image/contents.test.ts", "./tests/containers/escape.test.ts"];

/** Folders under tests/, those with long files first, so that the end is filled by short ones. */
const ORDER = ["containers", "machine", "image", "boot", "system", "settings"];

const FOLDERS = "api,base,bench,bin,boot,cloud,containers,disk,fleet,image,machine,settings,tests,tools,updates";
const LANES = Math.min(2, availableParallelism());

type Outcome = { readonly name: string; readonly counts: Counts; readonly output: string; readonly seconds: number };

const given = process.argv.slice(2);
const outcomes = given.length > 0 ? [await runGroup("given", given, true)] : await runAll();
const bad = outcomes.filter(({ counts }) => counts.failed > 0);
if (outcomes.length > 1) {
  for (const { name, output } of bad) process.stdout.write(`\n== failed in ${name}\n${failuresIn(output)}\n`);
  const slowest = outcomes.toSorted((a, b) => b.seconds - a.seconds).slice(0, 5);
  process.stdout.write(`\nlongest: ${slowest.map(({ name, seconds }) => `${name} ${seconds} s`).join(", ")}\n`);
}
if (bad.length > 0) process.stdout.write(`failed in: ${bad.map(({ name }) => name).join(", ")}\n`);
const passed = outcomes.reduce((sum, { counts }) => sum + counts.passed, 0);
const failed = outcomes.reduce((sum, { counts }) => sum + counts.failed, 0);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function runAll(): Promise<readonly Outcome[]> {
  const paths = await Array.fromAsync(new Glob(`{${FOLDERS}}/**/*.test.ts`).scan({ cwd: root }));
  const files = paths.map((path) => `./${path}`).toSorted();
  const units = files.filter((path) => !path.startsWith("./tests/"));
  const done = [await runGroup("unit tests", units, true)];
  for (const path of ALONE) done.push(await runGroup(path, [path], true));
  const others = files.filter((path) => path.startsWith("./tests/") && !ALONE.includes(path));
  const queue = others.toSorted((a, b) => rank(a) - rank(b)).values();
  const lane = async (): Promise<void> => {
    for (const path of queue) done.push(await runGroup(path, [path], false));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return done;
}

async function runGroup(name: string, paths: readonly string[], live: boolean): Promise<Outcome> {
  const begun = performance.now();
  process.stdout.write(`\n== ${name}${live ? "" : " begins"}\n`);
  const { counts, output } = await runTests(paths, { live });
  const seconds = Math.round((performance.now() - begun) / 1000);
  if (!live) process.stdout.write(`\n== ${name}, ${seconds} s\n${output}`);
  return { name, counts, output, seconds };
}

function rank(path: string): number {
  const at = ORDER.indexOf(path.split("/")[2] ?? "");
  return at === -1 ? ORDER.length : at;
}
