/** What every boot test starts from: the default variant's image, QEMU, and the tool roots. */
import { silentProgress } from "../../base/progress.ts";
import { buildImage } from "../../image/build.ts";
import { sandboxArgv } from "../../image/sandbox.ts";
import { toolRoot } from "../../image/tools.ts";
import { startMachine, type TestMachine, type TestMachineOptions } from "../../machine/testing.ts";
import { type QemuTools, sandboxedTools } from "../../machine/tools.ts";

export type Prepared = {
  /** The raw disk image; never written. */
  readonly image: string;
  readonly qemu: QemuTools;
  /** Roots of the tool sets `build` and `test`. */
  readonly build: string;
  readonly test: string;
};

/** For `beforeAll`: downloads, unpacks and builds what is not there yet. */
export async function prepare(): Promise<Prepared> {
  const image = await buildImage({ variant: "qemu-dev", progress: silentProgress });
  const qemu = sandboxedTools(await toolRoot("vm"), sandboxArgv);
  return { image: image.disk, qemu, build: await toolRoot("build"), test: await toolRoot("test") };
}

/** A machine with a fresh disk, off, so that its disk can be changed first. */
export async function machineThatIsOff(
  prepared: Prepared,
  options: Partial<TestMachineOptions> = {},
): Promise<TestMachine> {
  return startMachine({ image: prepared.image, tools: prepared.qemu, start: false, ...options });
}

/** Milliseconds: for the preparation; for one wait on the console; for a test that boots a few times. */
export const PREPARATION = 1_200_000;
export const WAIT = 360_000;
export const TEST = 1_200_000;

/** What the console says at the end of a boot that is good. */
export const MARKED: RegExp = /Finished Mark this boot as successful/;
