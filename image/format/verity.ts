/** The dm-verity hash tree of a root image: format 1, SHA-256, blocks of 4096 (contracts: image layout). */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { type BuildTools, runTool } from "./build-tools.ts";

export const BLOCK = 4096;

export type VerityOptions = {
  readonly data: string;
  readonly hash: string;
  readonly uuid: string;
  /** 64 hexadecimal digits; fixed for a build so that equal roots have equal trees. */
  readonly salt: string;
};

export type Verity = { readonly rootHash: string; readonly salt: string; readonly blocks: number };

/** Writes the hash image and returns what the kernel needs to open the pair. */
export async function makeVerity(tools: BuildTools, options: VerityOptions): Promise<Verity> {
  const { size } = await stat(join(tools.work, options.data));
  const ran = await runTool(tools, [
    "/usr/sbin/veritysetup",
    "format",
    "--format=1",
    "--hash=sha256",
    `--data-block-size=${BLOCK}`,
    `--hash-block-size=${BLOCK}`,
    `--uuid=${options.uuid}`,
    `--salt=${options.salt}`,
    `/work/${options.data}`,
    `/work/${options.hash}`,
  ]);
  const rootHash = /^Root hash:\s+([0-9a-f]{64})$/m.exec(ran.stdout)?.[1];
  if (rootHash === undefined) throw new Fault("verity-failed", "Cannot find the root hash in veritysetup's answer");
  return { rootHash, salt: options.salt, blocks: size / BLOCK };
}
