/** The QEMU that machines run with: that of the locked package set, in the image builder's sandbox. */
import type { Progress } from "../../base/progress.ts";
import { withLock } from "../../image/lock-packages.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { type QemuTools, sandboxedTools } from "../../machine/tools.ts";

export type QemuToolsOptions = {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly mirrorUrl: string | undefined;
};

/** Downloads and unpacks QEMU and the firmware unless they are there. */
export async function qemuTools(options: QemuToolsOptions): Promise<QemuTools> {
  const { progress, signal, mirrorUrl } = options;
  const make = (): Promise<string> =>
    progress.step("Making QEMU ready", (report) => toolRoot("vm", { signal, report, mirrorUrl }));
  const root = await withLock(make, { signal, mirrorUrl, say: (line) => progress.note(line) });
  return sandboxedTools(root, sandboxArgv);
}
