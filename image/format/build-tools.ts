/** Runs one program of the `build` tool root on a work folder that it sees as `/work`; nothing else can be written. */
import { orThrow } from "../../base/result.ts";
import { type Ran, run } from "../../base/run.ts";
import { sandboxArgv } from "../sandbox.ts";

export type BuildTools = {
  /** The unpacked root of the `build` set. */
  readonly root: string;
  /** The folder that is `/work` inside. */
  readonly work: string;
  readonly signal?: AbortSignal;
};

/** Paths in `argv` are those inside: `/work/…`. Throws with the tool's own words when it fails. */
export async function runTool(tools: BuildTools, argv: readonly [string, ...string[]]): Promise<Ran> {
  const line = sandboxArgv({
    root: tools.root,
    binds: [{ from: tools.work, to: "/work", write: true }],
    argv,
    cwd: "/work",
  });
  return orThrow(await run(line, tools.signal === undefined ? {} : { signal: tools.signal }));
}
