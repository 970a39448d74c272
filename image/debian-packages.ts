/** Which Debian packages an image is resolved from: the names its package definitions take files of. */
import type { PackageDefinition } from "./definitions.ts";

/** Debian's metapackage stands for a kernel package whose name holds its version. */
const KERNEL = { glob: /^linux-image-\*-cloud-amd64$/, metapackage: "linux-image-cloud-amd64" };

/** Names to resolve for `packages`, sorted, each once. */
export function debianPackages(packages: readonly PackageDefinition[]): readonly string[] {
  const names = packages.flatMap((each) => [
    ...Object.keys(each.files),
    ...Object.values(each.joined ?? {}).map(({ debian }) => debian),
  ]);
  const resolved = names.map((name) => (KERNEL.glob.test(name) ? KERNEL.metapackage : name));
  return [...new Set(resolved)].toSorted((a, b) => (a < b ? -1 : 1));
}
