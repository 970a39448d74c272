/**
 * What lies beside the disk of an image: BOOT, ROOT and HASH compressed for updates, the bill of materials, the
 * provenance, the content report, the certificate. Names: contracts §16.3, `IMAGE-boot.fat.zst` and so on.
 */
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { orThrow } from "../base/result.ts";
import { type BuiltContainer, builtInSize } from "./containers/build.ts";
import { lockSetName } from "./containers/definition.ts";
import type { Lock } from "./debian/lock.ts";
import type { PackageDefinition } from "./definitions.ts";
import { sha256 } from "./digest.ts";
import type { BuildTools } from "./format/build-tools.ts";
import { compress } from "./format/compress.ts";
import type { Inputs } from "./inputs.ts";
import { PARTITION_FILES } from "./partitions.ts";
import { readContent } from "./report/content.ts";
import { type ImageSize, makeReport } from "./report/report.ts";
import type { Placed } from "./root/stage.ts";
import { SOURCE_DATE_EPOCH } from "./sandbox.ts";
import { type Component, debianComponents, npmComponents } from "./sbom/components.ts";
import { formatProvenance, makeProvenance } from "./sbom/provenance.ts";
import { formatSpdx, makeSpdx } from "./sbom/spdx.ts";
import { SIGNING_CERTIFICATE } from "./signing/sign.ts";
import { lockedSet, packageLockPath, readLock } from "./tools.ts";

/** Ends of the names of an image's files; the one owner of them. */
export const OUTPUTS = {
  disk: ".img",
  boot: "-boot.fat.zst",
  root: "-root.erofs.zst",
  hash: "-root.verity.zst",
  sbom: ".spdx.json",
  provenance: ".provenance.json",
  report: ".report.json",
  certificate: ".crt",
} as const;

/** Those that updates are made of. */
export const UPDATE_IMAGES = ["boot", "root", "hash"] as const;

export type Publication = {
  readonly name: string;
  readonly variant: string;
  readonly inputs: Inputs;
  /** The staged root, and what brought each of its files. */
  readonly tree: string;
  readonly placed: readonly Placed[];
  readonly definitions: readonly PackageDefinition[];
  /** Images that the root carries. */
  readonly containers: readonly BuiltContainer[];
};

/** Makes all of it in the work folder's `out`, where the disk is already. */
export async function publish(tools: BuildTools, publication: Publication): Promise<void> {
  const { name, variant, inputs, placed } = publication;
  const out = (kind: keyof typeof OUTPUTS): string => join(tools.work, "out", `${name}${OUTPUTS[kind]}`);
  const images: ImageSize[] = [];
  for (const kind of UPDATE_IMAGES) {
    const file = PARTITION_FILES[kind];
    await compress(tools, file, `out/${basename(out(kind))}`);
    images.push({ name: kind, bytes: await sizeOf(join(tools.work, file)), compressed: await sizeOf(out(kind)) });
  }
  images.push({ name: "disk", bytes: await sizeOf(out("disk")) });
  await copyFile(join(tools.work, SIGNING_CERTIFICATE), out("certificate"));
  const about = { name, version: inputs.version, commit: inputs.commit };
  await writeFile(out("report"), await reportText(publication, images));

  const lock = await readLock();
  const used = new Set(placed.flatMap(({ debian }) => (debian === undefined ? [] : [debian])));
  const own = orThrow(npmComponents(await readFile(packageLockPath, "utf8")));
  const packages = [
    ...debianComponents(lockedSet(lock, `image-${variant}`), used),
    ...inContainers(publication, lock),
    ...own,
  ];
  await writeFile(out("sbom"), formatSpdx(makeSpdx({ ...about, created: SOURCE_DATE_EPOCH, packages })));
  const kinds = ["disk", ...UPDATE_IMAGES, "sbom", "report"] as const;
  const outputs = await Promise.all(
    kinds.map(async (kind) => ({ name: basename(out(kind)), sha256: await sha256(out(kind)) })),
  );
  const dependencies = [...packages, ...debianComponents(lockedSet(lock, "build"))];
  const provenance = makeProvenance({ ...about, variant, sourceDateEpoch: SOURCE_DATE_EPOCH, dependencies, outputs });
  await writeFile(out("provenance"), formatProvenance(provenance));
}

/** Debian packages that built-in containers have files of, and the root has none of. */
function inContainers({ containers, variant, placed }: Publication, lock: Lock): readonly Component[] {
  const inRoot = new Set(placed.flatMap(({ debian }) => (debian === undefined ? [] : [debian])));
  const used = new Set(containers.flatMap(({ about }) => about.sources.map(({ debian }) => debian)));
  const locked = containers.flatMap(({ about }) =>
    about.layers.flatMap(({ definition }) => lock.sets[lockSetName(definition)] ?? []),
  );
  const versions = new Map(lockedSet(lock, `image-${variant}`).map((each) => [each.name, each.version]));
  const unique = new Map(
    locked
      .filter((each) => !(inRoot.has(each.name) && versions.get(each.name) === each.version))
      .map((each) => [`${each.name} ${each.version}`, each]),
  );
  return debianComponents([...unique.values()], used);
}

async function reportText(
  { name, inputs, tree, placed, definitions, containers }: Publication,
  images: readonly ImageSize[],
): Promise<string> {
  const owners = new Map(
    placed.map(({ path, definition, debian, version }) => [path, { definition, debian, version }]),
  );
  const content = await readContent({ tree, owners, packages: definitions });
  const builtIn = await Promise.all(
    containers.map(async (each) => ({
      name: each.name,
      bytes: await builtInSize(each),
      layers: each.about.layers.map(({ definition, bytes }) => ({ definition, bytes })),
      packages: each.about.sources.length,
    })),
  );
  const about = { name, version: inputs.version, commit: inputs.commit };
  const report = makeReport({ ...about, images, containers: builtIn, content });
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
