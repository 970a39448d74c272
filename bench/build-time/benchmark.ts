/**
 * `build`: how long an image takes in a copy of this checkout, from nothing (packages are downloaded) and after a change
 * of TypeScript only. Nothing of this checkout's own `build/` is used or touched.
 */
import { appendFile, cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import type { Benchmark } from "../context.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT_MS = 3_600_000;

export const build: Benchmark = {
  summary: "time to build the image, cold and after a change of TypeScript only",
  async run({ progress, signal }) {
    const copy = await mkdtemp(join(tmpdir(), "sparkler-bench-build-"));
    try {
      await copySources(copy);
      const timed = async (): Promise<number> => {
        const began = performance.now();
        const argv = [process.execPath, "bin/sparkler.ts", "image", "build"] as const;
        orThrow(
          await run(argv, { cwd: copy, signal, timeoutMs: LIMIT_MS, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } }),
        );
        return (performance.now() - began) / 1000;
      };
      const cold = await progress.step("Build from nothing", timed);
      await appendFile(join(copy, "bin/host.ts"), "\n// changed\n");
      const warm = await progress.step("Build after a change of TypeScript", timed);
      return {
        name: "build",
        title: "Building the image",
        figures: [
          { name: "cold, with downloads", value: cold, unit: "s", aim: { atMost: 600 } },
          { name: "after a change of TypeScript", value: warm, unit: "s", aim: { atMost: 60 } },
        ],
      };
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  },
};

/** What git knows of, as it stands, and the installed npm packages by reference. */
async function copySources(copy: string): Promise<void> {
  const listed = orThrow(await run(["git", "-C", repository, "ls-files", "-z"])).stdout;
  for (const path of listed.split("\0").filter((each) => each !== "")) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(repository, path), join(copy, path), { verbatimSymlinks: true });
  }
  const git = { cwd: copy } as const;
  orThrow(await run(["git", "init", "-q"], git));
  orThrow(await run(["git", "add", "-A"], git));
  const as = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  orThrow(await run(["git", ...as, "commit", "-qm", "copy"], git));
  await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
}
