/**
 * `npm test`: every test there is, then one line `N passed, N failed` as the last. Unit tests run in one process; each
 * file under tests/ has a process of its own, so that one that crashes hides no other. Files run one after another: a
 * machine has the processors that its boot needs, and an image is built once and found by those that come later.
 */
import { Glob } from "bun";
import { type Counts, root, runTests } from "./tests.ts";

/** Folders under tests/, the quick ones first; what is not named comes last. */
const ORDER = ["disk", "boot-c", "settings", "image", "machine", "system", "boot"];

const FOLDERS = "api,base,bench,bin,boot,cloud,containers,disk,fleet,image,machine,settings,tests,tools,updates";

const given = process.argv.slice(2);
const groups = given.length > 0 ? [given] : await allGroups();
const total = { passed: 0, failed: 0 };
const bad: string[] = [];
for (const group of groups) {
  if (groups.length > 1) process.stdout.write(`\n== ${group.length === 1 ? group[0] : "unit tests"}\n`);
  const counts: Counts = await runTests(group);
  total.passed += counts.passed;
  total.failed += counts.failed;
  if (counts.failed > 0) bad.push(group.length === 1 ? (group[0] ?? "") : "unit tests");
}
if (bad.length > 0) process.stdout.write(`\nfailed in: ${bad.join(", ")}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function allGroups(): Promise<readonly (readonly string[])[]> {
  const paths = await Array.fromAsync(new Glob(`{${FOLDERS}}/**/*.test.ts`).scan({ cwd: root }));
  const files = paths.toSorted().map((path) => `./${path}`);
  const units = files.filter((path) => !path.startsWith("./tests/"));
  const others = files.filter((path) => path.startsWith("./tests/"));
  return [units, ...others.toSorted((a, b) => rank(a) - rank(b)).map((path) => [path])];
}

function rank(path: string): number {
  const at = ORDER.indexOf(path.split("/")[2] ?? "");
  return at === -1 ? ORDER.length : at;
}
