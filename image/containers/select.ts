/**
 * Which files of Debian packages go into a layer: those that a definition names, where their links lead, and the libraries
 * that they need, but for what the layers below have. Reads the unpacked packages; changes nothing.
 */
import { lstat, readFile, readlink } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { Glob } from "bun";
import { Fault, orThrow } from "../../base/result.ts";
import { isElf, readElf } from "../root/elf.ts";
import { findLibrary, type UnpackedPackage } from "../root/select.ts";
import type { ContainerDefinition } from "./definition.ts";
import type { Entry, Layer } from "./entry.ts";

/** Never in an image, whatever a glob matches. */
const LEFT_OUT = new RegExp(
  [
    "^usr/share/(doc|man|info|locale|lintian|bug|bash-completion|zsh|fish|menu|pixmaps|applications|icons)/",
    "^usr/lib/(systemd/system|tmpfiles\\.d|sysusers\\.d|udev)/",
    "^etc/(init\\.d|default|cron\\.[a-z]+|apparmor\\.d|logrotate\\.d|ufw)/",
    "/(test|tests|idlelib|ensurepip|pydoc_data)/",
  ].join("|"),
);

type Picked = { readonly path: string; readonly from: UnpackedPackage };

/** Entries of all of them. Throws a fault that names every glob without a file. */
export async function selectEntries(
  definition: ContainerDefinition,
  unpacked: readonly UnpackedPackage[],
  lower: Layer,
): Promise<readonly Entry[]> {
  const queue = [...named(definition, unpacked)];
  const entries = new Map<string, Entry>();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (entries.has(next.path) || lower.has(next.path)) continue;
    const { entry, followers } = await pick(next, unpacked, lower);
    entries.set(next.path, entry);
    queue.push(...followers);
  }
  return [...entries.values()];
}

function named({ name, files }: ContainerDefinition, unpacked: readonly UnpackedPackage[]): readonly Picked[] {
  const problems: string[] = [];
  const picked = Object.entries(files).flatMap(([debian, globs]) => {
    const from = unpacked.find((each) => each.name === debian);
    return globs.flatMap((text) => {
      const glob = new Glob(text);
      const paths = from?.paths.filter((path) => path === text || (glob.match(path) && !LEFT_OUT.test(path))) ?? [];
      if (from === undefined || paths.length === 0) {
        problems.push(`${name}: no file "${text}" in Debian's "${debian}"`);
        return [];
      }
      return paths.map((path): Picked => ({ path, from }));
    });
  });
  if (problems.length > 0) throw new Fault("file-missing", problems.join("\n"));
  return picked;
}

type Pick = { readonly entry: Entry; readonly followers: readonly Picked[] };

async function pick({ path, from }: Picked, unpacked: readonly UnpackedPackage[], lower: Layer): Promise<Pick> {
  const file = join(from.root, path);
  const source = { debian: from.name, version: from.version };
  const stat = await lstat(file);
  if (stat.isSymbolicLink()) {
    const target = await readlink(file);
    const entry: Entry = { path, kind: "link", target, mode: 0o777, uid: 0, gid: 0, source };
    return { entry, followers: follow(path, target, unpacked, lower) };
  }
  const bytes = await readFile(file);
  const mode = (stat.mode & 0o111) === 0 ? 0o644 : 0o755;
  const needed = isElf(bytes) ? orThrow(readElf(bytes)).needed : [];
  return {
    entry: { path, kind: "file", from: file, mode, uid: 0, gid: 0, source },
    followers: needed.map((name) => library(path, name, unpacked, lower)).filter((each) => each !== undefined),
  };
}

/** Where a link leads. */
function follow(path: string, target: string, unpacked: readonly UnpackedPackage[], lower: Layer): readonly Picked[] {
  const to = target.startsWith("/") ? normalize(target.slice(1)) : normalize(join(dirname(path), target));
  if (lower.has(to) || LEFT_OUT.test(to)) return [];
  const from = unpacked.find((each) => each.paths.includes(to));
  if (from !== undefined) return [{ path: to, from }];
  // A link to a folder brings nothing by itself.
  if (unpacked.some((each) => each.paths.some((other) => other.startsWith(`${to}/`)))) return [];
  throw new Fault("file-missing", `Cannot follow the link "${path}": no package has "${to}"`);
}

/** The file of a library; some programs have theirs in a folder of their own. Undefined where it is below already. */
function library(path: string, name: string, unpacked: readonly UnpackedPackage[], lower: Layer): Picked | undefined {
  const known = findLibrary(name, unpacked);
  if (known === undefined && [...lower.keys()].some((each) => basename(each) === name)) return undefined;
  for (const from of unpacked) {
    if (known !== undefined && from.name !== known.debian) continue;
    const found = known?.path ?? from.paths.find((each) => basename(each) === name);
    if (found !== undefined) return { path: found, from };
  }
  throw new Fault("file-missing", `Cannot take "${path}": no package has the library "${name}" that it needs`);
}
