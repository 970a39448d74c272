/**
 * Images as they are published for updates: zstd frames with a checksum. A higher level costs many times the time for some
 * hundredths of the size. The window (32 MiB, which unpacking needs as well) reaches from one large program to what the
 * next has in common with it. Bytes do not depend on the number of cores.
 */
import { type BuildTools, runTool } from "./build-tools.ts";

/** Compresses `file` to `target`, both below the work folder. */
export async function compress(tools: BuildTools, file: string, target: string): Promise<void> {
  const how = ["-12", "--long=25", "-T0", "--check"];
  await runTool(tools, ["/usr/bin/zstd", "-q", ...how, "-f", `/work/${file}`, "-o", `/work/${target}`]);
}
