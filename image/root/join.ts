/** Files of a root that are many files of a Debian package put together, such as a bundle of certificates. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { Fault } from "../../base/result.ts";
import type { PackageDefinition } from "../definitions.ts";
import type { UnpackedPackage } from "./select.ts";
import type { Placed } from "./stage.ts";

/** Writes them below `tree`. Throws `Fault("file-missing")` where a glob finds nothing. */
export async function stageJoined(
  tree: string,
  definitions: readonly PackageDefinition[],
  unpacked: readonly UnpackedPackage[],
): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const { name, joined } of definitions) {
    for (const [path, { debian, files }] of Object.entries(joined ?? {})) {
      const source = unpacked.find((each) => each.name === debian);
      const glob = new Glob(files);
      const found = source?.paths.filter((each) => glob.match(each)).toSorted() ?? [];
      if (source === undefined || found.length === 0) {
        throw new Fault("file-missing", `${name}: no file "${files}" in Debian's "${debian}"`);
      }
      const parts = await Promise.all(found.map((each) => readFile(join(source.root, each))));
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), Buffer.concat(parts));
      placed.push({ path, definition: name, debian, version: source.version });
    }
  }
  return placed;
}
