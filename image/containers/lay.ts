/**
 * One layer of a container image: what a definition takes of Debian packages, its own files, links, programs and folders,
 * and the account files of everything up to it.
 */
import { existsSync } from "node:fs";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import { Fault } from "../../base/result.ts";
import { listTree } from "../root/list-tree.ts";
import type { UnpackedPackage } from "../root/select.ts";
import { accountFiles } from "./accounts.ts";
import type { ContainerDefinition } from "./definition.ts";
import { type Entry, FOLDER_MODE, type Layer, makeLayer } from "./entry.ts";
import { selectEntries } from "./select.ts";

export type LayOptions = {
  /** The definition whose layer it is, and those below it, the lowest first. */
  readonly chain: readonly ContainerDefinition[];
  readonly lower: Layer;
  readonly unpacked: readonly UnpackedPackage[];
  /** os/containers. */
  readonly folder: string;
  /** Path in the image → the compiled program. */
  readonly programs: ReadonlyMap<string, string>;
};

/** Folders that must be there to be mounted over, or because everybody expects them. */
const FOLDERS: Readonly<Record<string, number>> = {
  dev: FOLDER_MODE,
  etc: FOLDER_MODE,
  home: FOLDER_MODE,
  mnt: FOLDER_MODE,
  proc: FOLDER_MODE,
  root: 0o700,
  run: FOLDER_MODE,
  sys: FOLDER_MODE,
  tmp: 0o1777,
  "usr/local/bin": FOLDER_MODE,
  "usr/local/lib": FOLDER_MODE,
  "var/log": FOLDER_MODE,
  "var/tmp": 0o1777,
};
const MERGED = { bin: "usr/bin", sbin: "usr/sbin", lib: "usr/lib", lib64: "usr/lib64" };

/** Puts the layer together. Throws a fault that names what is missing. */
export async function layLayer(options: LayOptions): Promise<Layer> {
  const { chain, lower, unpacked, folder, programs } = options;
  const definition = chain.at(-1);
  if (definition === undefined) throw new Error("a chain without a definition");
  const entries = [
    ...(definition.base === undefined ? foundation() : []),
    ...(await selectEntries(definition, unpacked, lower)),
    ...(await joinedEntries(definition, unpacked)),
    ...(await ownEntries(join(folder, definition.name, "rootfs"))),
    ...Object.entries(definition.links ?? {}).map(([path, target]) => link(path, target)),
    ...[...programs].map(([path, from]): Entry => ({ path, kind: "file", from, mode: 0o755, uid: 0, gid: 0 })),
    ...homes(chain),
    ...accountFiles(chain),
  ];
  refuseTwice(definition.name, entries);
  return makeLayer(withModes(definition, entries), lower);
}

function foundation(): readonly Entry[] {
  const links = Object.entries(MERGED).map(([path, target]) => link(path, target));
  const folders = [...Object.entries(FOLDERS), ...Object.values(MERGED).map((path) => [path, FOLDER_MODE] as const)];
  return [...links, ...folders.map(([path, mode]): Entry => ({ path, kind: "folder", mode, uid: 0, gid: 0 }))];
}

function link(path: string, target: string): Entry {
  return { path, kind: "link", target, mode: 0o777, uid: 0, gid: 0 };
}

async function joinedEntries(
  { name, joined }: ContainerDefinition,
  unpacked: readonly UnpackedPackage[],
): Promise<readonly Entry[]> {
  const made = Object.entries(joined ?? {}).map(async ([path, { debian, files }]): Promise<Entry> => {
    const from = unpacked.find((each) => each.name === debian);
    const glob = new Glob(files);
    const found = from?.paths.filter((each) => glob.match(each)).toSorted() ?? [];
    if (from === undefined || found.length === 0) {
      throw new Fault("file-missing", `${name}: no file "${files}" in Debian's "${debian}"`);
    }
    const parts = await Promise.all(found.map((each) => readFile(join(from.root, each))));
    const source = { debian, version: from.version };
    return { path, kind: "file", from: Buffer.concat(parts), mode: 0o644, uid: 0, gid: 0, source };
  });
  return Promise.all(made);
}

/** Files that lie beside the definition; git keeps of their modes whether they may be started, and so does this. */
async function ownEntries(rootfs: string): Promise<readonly Entry[]> {
  if (!existsSync(rootfs)) return [];
  const paths = await listTree(rootfs);
  return Promise.all(
    paths.map(async (path): Promise<Entry> => {
      const from = join(rootfs, path);
      const stat = await lstat(from);
      if (stat.isSymbolicLink()) return link(path, await readlink(from));
      return { path, kind: "file", from, mode: (stat.mode & 0o100) === 0 ? 0o644 : 0o755, uid: 0, gid: 0 };
    }),
  );
}

function homes(chain: readonly ContainerDefinition[]): readonly Entry[] {
  const users = chain.flatMap((each) => each.users ?? []);
  return Object.entries(chain.at(-1)?.homes ?? {}).map(([path, name]): Entry => {
    const user = users.find((each) => each.name === name);
    if (user === undefined) throw new Fault("definition-invalid", `Cannot give "${path}" to "${name}": no such user`);
    return { path, kind: "folder", mode: 0o700, uid: user.id, gid: user.id };
  });
}

function withModes({ name, modes }: ContainerDefinition, entries: readonly Entry[]): readonly Entry[] {
  const left = new Map(Object.entries(modes ?? {}));
  const changed = entries.map((entry) => {
    const mode = left.get(entry.path);
    left.delete(entry.path);
    return mode === undefined ? entry : { ...entry, mode: Number.parseInt(mode, 8) };
  });
  const [nothing] = left.keys();
  if (nothing === undefined) return changed;
  throw new Fault("file-missing", `${name}: a mode for "${nothing}", which is not in the layer`);
}

function refuseTwice(name: string, entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { path } of entries) {
    if (seen.has(path)) throw new Fault("file-clash", `${name}: "${path}" comes from two places`);
    seen.add(path);
  }
}
