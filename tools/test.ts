/** `npm test`: every test there is, then one line `N passed, N failed` as the last. */
import { runTests } from "./tests.ts";

const counts = await runTests(process.argv.slice(2));
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;
