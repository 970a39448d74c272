/**
 * What goes into an image, as data: package definitions (os/packages/NAME/package.json) and variants
 * (os/variants/NAME.json). Reading checks shape and names, and reports every problem with its file.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { Fault, fail, ok, type Result } from "../base/result.ts";
import type { Overlay } from "./overlay.ts";

export type DefinitionFault = "definition-invalid";

export type Account = {
  readonly name: string;
  readonly id: number;
  readonly why: string;
  readonly home?: string | undefined;
};

export type Joined = { readonly debian: string; readonly files: string };

export type PackageDefinition = {
  readonly name: string;
  readonly why: string;
  /** Debian package (a glob is allowed where the name holds a version) → globs of its files, without leading slash. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Path in the root → the files of a Debian package that are put together there, in the order of their names. */
  readonly joined?: Readonly<Record<string, Joined>> | undefined;
  readonly users?: readonly Account[] | undefined;
  readonly groups?: readonly Account[] | undefined;
  /** Kernel modules by name, those needed before the root is there and those after; dependencies come by themselves. */
  readonly modules?: { readonly initramfs: readonly string[]; readonly root: readonly string[] } | undefined;
  /** Target → units of Debian packages that it wants; our own units say so themselves in `[Install]`. */
  readonly wants?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Names of programs that the host executable carries. */
  readonly programs?: readonly string[] | undefined;
};

export type Variant = {
  readonly name: string;
  readonly platform: string;
  readonly why: string;
  readonly arch: "x86_64";
  readonly packages: readonly string[];
  /** Words of the kernel's command line that this platform needs, before those that every image has. */
  readonly kernelArguments: readonly string[];
  /** Container images of os/containers that the root carries. */
  readonly containers?: readonly string[] | undefined;
};

const account: z.ZodType<Account> = z.strictObject({
  name: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  id: z.int().min(1).max(65_533),
  why: z.string().min(1),
  home: z.string().optional(),
});

const packageDefinition: z.ZodType<PackageDefinition> = z.strictObject({
  name: z.string().min(1),
  why: z.string().min(1),
  files: z.record(z.string(), z.array(z.string().regex(/^[^/]/))),
  joined: z
    .record(z.string().regex(/^[^/]/), z.strictObject({ debian: z.string(), files: z.string().regex(/^[^/]/) }))
    .optional(),
  users: z.array(account).optional(),
  groups: z.array(account).optional(),
  modules: z.strictObject({ initramfs: z.array(z.string()), root: z.array(z.string()) }).optional(),
  wants: z.record(z.string(), z.array(z.string())).optional(),
  programs: z.array(z.string().regex(/^[a-z][a-z-]*$/)).optional(),
});

const variant: z.ZodType<Variant> = z.strictObject({
  name: z.string().min(1),
  platform: z.string().min(1),
  why: z.string().min(1),
  arch: z.literal("x86_64"),
  packages: z.array(z.string()).min(1),
  kernelArguments: z.array(z.string().regex(/^[\x21-\x7e]+$/)),
  containers: z.array(z.string()).optional(),
});

export type Definitions = {
  readonly variant: Variant;
  readonly packages: readonly PackageDefinition[];
  /** Name of a definition → the folder whose files go into the root as they lie there. It may be missing. */
  readonly rootfs: ReadonlyMap<string, string>;
};

/** Reads a variant and its packages below `os`, and those of overlays after them. */
export async function readDefinitions(
  os: string,
  name: string,
  overlays: readonly Overlay[] = [],
): Promise<Result<Definitions, DefinitionFault>> {
  const chosen = await readDefinition(join(os, "variants", `${name}.json`), variant);
  if (!chosen.ok) return chosen;
  const folders = [
    ...chosen.value.packages.map((each) => join(os, "packages", each)),
    ...overlays.flatMap((overlay) => overlay.packages.map((each) => join(overlay.folder, each))),
  ];
  const read = await Promise.all(
    folders.map((folder) => readDefinition(join(folder, "package.json"), packageDefinition)),
  );
  const problems = read.flatMap((each) => (each.ok ? [] : [each.fault.message]));
  const packages = read.flatMap((each) => (each.ok ? [each.value] : []));
  problems.push(...clashes(packages), ...misnamed(packages, folders));
  if (problems.length > 0) return fail(new Fault("definition-invalid", problems.join("\n")));
  const rootfs = new Map(packages.map((each, at) => [each.name, join(folders[at] ?? "", "rootfs")]));
  return ok({ variant: chosen.value, packages, rootfs });
}

/** Names of every variant there is, sorted; each has a set of its own in the lock. */
export async function variantNames(os: string): Promise<readonly string[]> {
  const names = (await readdir(join(os, "variants"))).filter((name) => name.endsWith(".json"));
  return names.map((name) => basename(name, ".json")).toSorted((a, b) => (a < b ? -1 : 1));
}

/** Ids that two accounts of one kind share, as sentences. */
export function clashes(packages: readonly PackageDefinition[]): readonly string[] {
  return (["users", "groups"] as const).flatMap((kind) => {
    const accounts = packages.flatMap((each) => each[kind] ?? []);
    const twice = accounts.filter((one, at) => accounts.some((other, where) => where < at && other.id === one.id));
    return twice.map((one) => `Cannot give id ${one.id} to "${one.name}": another of the ${kind} has it`);
  });
}

/** A definition has its folder's name, and no other one has it. */
function misnamed(packages: readonly PackageDefinition[], folders: readonly string[]): readonly string[] {
  if (packages.length !== folders.length) return []; // one could not be read, which is said already
  const names = packages.map(({ name }) => name);
  return names.flatMap((name, at) => {
    const folder = folders[at] ?? "";
    if (basename(folder) !== name) return [`${folder}/package.json: the name is "${name}", wanted the folder's`];
    return names.indexOf(name) < at ? [`${folder}/package.json: another definition is called "${name}"`] : [];
  });
}

async function readDefinition<T>(path: string, schema: z.ZodType<T>): Promise<Result<T, DefinitionFault>> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
    if (parsed.success) return ok(parsed.data);
    const lines = parsed.error.issues.map((issue) => `${path}: ${issue.path.join(".")}: ${issue.message}`);
    return fail(new Fault("definition-invalid", lines.join("\n"), { path }));
  } catch (cause) {
    return fail(Fault.from("definition-invalid", `Cannot read "${path}"`, cause, { path }));
  }
}
