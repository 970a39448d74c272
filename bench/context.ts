/** What benchmarks are given: the image as built, QEMU of the locked set, where to tell how far they are. */
import type { Progress } from "../base/progress.ts";
import type { BuiltImage } from "../image/build.ts";
import type { QemuTools } from "../machine/tools.ts";
import type { Section } from "./figure.ts";

export type Context = {
  /** The variant's image, with the packages of these overlays in it; each is made once. */
  readonly image: (overlays?: readonly string[]) => Promise<BuiltImage>;
  readonly tools: () => Promise<QemuTools>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Where a picture of the boot is wanted. */
  readonly svg: string | undefined;
};

export type Benchmark = { readonly summary: string; readonly run: (context: Context) => Promise<Section> };
