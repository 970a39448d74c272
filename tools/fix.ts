/** `npm run fix`: what the tools can mend by themselves: format and the lint rules that have a safe fix. */
import { join } from "node:path";
import { passThrough, root } from "./tests.ts";

const bin = (name: string): string => join(root, "node_modules", ".bin", name);
const lint = await passThrough([bin("oxlint"), "--type-aware", "--fix", "."]);
const format = await passThrough([bin("oxfmt"), "--write", "."]);
process.exitCode = lint.status === 0 && format.status === 0 ? 0 : 1;
