// The Bun executable of the pinned npm package, whatever the processor: `node tools/bun.mjs ARG…` runs it, and the
// bootstrap imports its path. The package carries the executable itself; nothing is downloaded or run at installation.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const processor = { x64: "x64", arm64: "aarch64" }[process.arch] ?? process.arch;
export const bunPath = fileURLToPath(new URL(`../node_modules/@oven/bun-linux-${processor}/bin/bun`, import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const ran = spawnSync(bunPath, process.argv.slice(2), { stdio: "inherit" });
  if (ran.error !== undefined) console.error(`Cannot run "${bunPath}": ${ran.error.message}; try "npm ci"`);
  process.exitCode = ran.status ?? 1;
}
