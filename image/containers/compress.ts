/** Layers as gzip (RFC 1952), which every runtime takes; by the tool of the locked set, so that equal archives stay equal. */
import { type BuildTools, runTool } from "../format/build-tools.ts";

/** A higher level takes three times as long for a fiftieth of the size. */
const LEVEL = "-6";

/** Compresses `file` to `target`, both below the work folder. */
export async function compressLayer(tools: BuildTools, file: string, target: string): Promise<void> {
  const argv = ["/usr/bin/zstd", "-q", "--format=gzip", LEVEL, "-f", `/work/${file}`, "-o", `/work/${target}`] as const;
  await runTool(tools, argv);
}
