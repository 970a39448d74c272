/**
 * What is in a staged root: every file with its owner, and what of it matters to an operator: executables, setuid bits,
 * interpreters, units, ports, kernel modules. Reads a folder; changes nothing. File capabilities (xattrs) are not seen;
 * nothing in the build can set them.
 */
import type { Stats } from "node:fs";
import { lstat, open, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { isElf } from "../root/elf.ts";
import { listTree } from "../root/list-tree.ts";
import { type Language, languageByContent, languageByName, scriptProgram } from "./interpreters.ts";
import { inetOf, type Listen, listensOf, type Protocol } from "./listen.ts";

/** Who brought a file: a package definition, and the Debian package it took it from. */
export type Owner = {
  readonly definition: string;
  readonly debian?: string | undefined;
  readonly version?: string | undefined;
};

/** A port that a definition says its program opens by itself. */
export type DeclaredPort = {
  readonly protocol: Protocol;
  readonly port: number;
  readonly address?: string | undefined;
};

export type PackageFacts = { readonly name: string; readonly ports?: readonly DeclaredPort[] | undefined };

export type ContentOptions = {
  /** Folder of the staged root. */
  readonly tree: string;
  /** By path without leading slash. A file without an owner belongs to `image`: the build itself made it. */
  readonly owners: ReadonlyMap<string, Owner>;
  readonly packages: readonly PackageFacts[];
};

export type ContentFile = {
  readonly path: string;
  readonly kind: "file" | "link";
  /** Of a link 0, and of a further name of a file (a hard link) as well. */
  readonly bytes: number;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly owner: Owner;
  /** Whether the kernel would start it: an executable bit, and an ELF file or a script. */
  readonly executable?: "elf" | "script" | undefined;
  /** Where a link points. */
  readonly target?: string | undefined;
};

export type Interpreter = {
  readonly path: string;
  readonly language: Language;
  /** `name` and `content`: this file is one; `script`: this file is a script that wants one. */
  readonly found: "name" | "content" | "script";
};

export type Unit = { readonly name: string; readonly definition: string; readonly listens: readonly Listen[] };

export type Port = {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** The socket unit, or the definition that declares it. */
  readonly from: string;
};

export type Content = {
  /** Files and links, by path. */
  readonly files: readonly ContentFile[];
  readonly interpreters: readonly Interpreter[];
  readonly units: readonly Unit[];
  readonly ports: readonly Port[];
  readonly modules: { readonly count: number; readonly bytes: number };
};

const UNITS = "usr/lib/systemd/system/";
const UNIT = /^[^/]+\.(service|socket|target|mount|automount|swap|timer|path|slice|scope)$/;
const DROP_IN = /^([^/]+\.socket)\.d\/[^/]+\.conf$/;
const MODULE = /^usr\/lib\/modules\/.*\.ko(\.[a-z0-9]+)?$/;
const NOBODY: Owner = { definition: "image" };

/** Walks the whole tree. Throws what the file system throws: a tree that cannot be read is a bug of the build. */
export async function readContent({ tree, owners, packages }: ContentOptions): Promise<Content> {
  const files: ContentFile[] = [];
  const interpreters: Interpreter[] = [];
  const known = new Set<number>();
  for (const path of await listTree(tree)) {
    const { file, interpreter, inode } = await readOne(tree, path, owners.get(path) ?? NOBODY);
    const again = inode !== undefined && known.has(inode);
    if (inode !== undefined) known.add(inode);
    files.push(again ? { ...file, bytes: 0 } : file);
    // What is inside was told under the first name; a telling name counts by itself.
    if (interpreter !== undefined && !(again && interpreter.found === "content")) interpreters.push(interpreter);
  }
  const units = await readUnits(tree, files);
  const modules = files.filter((each) => each.kind === "file" && MODULE.test(each.path));
  return {
    files,
    interpreters,
    units,
    ports: [...units.flatMap(portsOfUnit), ...packages.flatMap(portsOfPackage)],
    modules: { count: modules.length, bytes: modules.reduce((sum, each) => sum + each.bytes, 0) },
  };
}

type Seen = { readonly file: ContentFile; readonly interpreter?: Interpreter };

/** With the inode of a file that has several names. */
async function readOne(tree: string, path: string, owner: Owner): Promise<Seen & { readonly inode?: number }> {
  const full = join(tree, path);
  const stat = await lstat(full);
  const seen = await look(full, path, owner, stat);
  return stat.isFile() && stat.nlink > 1 ? { ...seen, inode: stat.ino } : seen;
}

async function look(full: string, path: string, owner: Owner, stat: Stats): Promise<Seen> {
  const mode = stat.mode & 0o7777;
  const byName = languageByName(basename(path));
  if (stat.isSymbolicLink()) {
    const file: ContentFile = { path, kind: "link", bytes: 0, mode, owner, target: await readlink(full) };
    // A link named `sh` makes a shell of what it points to, wherever programs are looked for.
    const program = byName !== undefined && /(^|\/)s?bin\//.test(path);
    return program ? { file, interpreter: { path, language: byName, found: "name" } } : { file };
  }
  const file: ContentFile = { path, kind: "file", bytes: stat.size, mode, owner };
  if ((mode & 0o111) === 0) return { file };
  const head = await readHead(full);
  const wanted = scriptProgram(head);
  if (wanted !== undefined) {
    const language = languageByName(basename(wanted)) ?? "other";
    return { file: { ...file, executable: "script" }, interpreter: { path, language, found: "script" } };
  }
  if (!isElf(head)) return { file };
  const elf: ContentFile = { ...file, executable: "elf" };
  if (byName !== undefined) return { file: elf, interpreter: { path, language: byName, found: "name" } };
  const byContent = languageByContent(await readFile(full));
  return byContent === undefined
    ? { file: elf }
    : { file: elf, interpreter: { path, language: byContent, found: "content" } };
}

async function readUnits(tree: string, files: readonly ContentFile[]): Promise<readonly Unit[]> {
  const texts = new Map<string, { readonly definition: string; text: string }>();
  // Units come before their drop-ins in path order, so that a drop-in adds to what is there.
  for (const { path, kind, owner } of files) {
    if (!path.startsWith(UNITS) || kind === "link") continue;
    const below = path.slice(UNITS.length);
    const name = UNIT.test(below) ? below : DROP_IN.exec(below)?.[1];
    if (name === undefined) continue;
    const before = texts.get(name);
    const text = await readFile(join(tree, path), "utf8");
    texts.set(name, { definition: before?.definition ?? owner.definition, text: `${before?.text ?? ""}\n${text}` });
  }
  return [...texts].map(([name, { definition, text }]) => ({
    name,
    definition,
    listens: name.endsWith(".socket") ? listensOf(text) : [],
  }));
}

function portsOfUnit(unit: Unit): readonly Port[] {
  return unit.listens.flatMap((listen) => {
    const inet = inetOf(listen);
    return inet === undefined ? [] : [{ ...inet, from: unit.name }];
  });
}

function portsOfPackage({ name, ports = [] }: PackageFacts): readonly Port[] {
  return ports.map(({ protocol, port, address }) => ({ protocol, address: address ?? "*", port, from: name }));
}

/** All that is not a folder, without leading slash, in the order of its bytes. */
async function readHead(path: string): Promise<Buffer> {
  await using file = await open(path, "r");
  const head = Buffer.alloc(256);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
}
