/** `npm run fix`: what can be mended without thinking: format, lint rules with a safe fix, documents made from code. */
import { join } from "node:path";
import { writeDocument } from "../api/openapi/write.ts";
import { writePage } from "../settings/reference/write.ts";
import { passThrough, root } from "./tests.ts";

const bin = (name: string): string => join(root, "node_modules", ".bin", name);
const lint = await passThrough([bin("oxlint"), "--type-aware", "--fix", "."]);
const format = await passThrough([bin("oxfmt"), "--write", "."]);
await writeDocument();
await writePage();
process.exitCode = lint.status === 0 && format.status === 0 ? 0 : 1;
