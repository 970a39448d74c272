/**
 * Images as they are published for updates: zstd frames with a checksum. The level is where a higher one costs many times
 * the time for two hundredths of the size, as the root is compressed already. Bytes do not depend on the number of cores.
 */
import { type BuildTools, runTool } from "./build-tools.ts";

/** Compresses `file` to `target`, both below the work folder. */
export async function compress(tools: BuildTools, file: string, target: string): Promise<void> {
  await runTool(tools, ["/usr/bin/zstd", "-q", "-9", "-T0", "--check", "-f", `/work/${file}`, "-o", `/work/${target}`]);
}
