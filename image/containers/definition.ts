/**
 * What a container image is made of, as data: os/containers/NAME/container.json, the files in NAME/rootfs beside it, and
 * the definition whose layer lies below. Reading reports every problem with its file.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { Account, Joined } from "../definitions.ts";

export type ContainerUser = Account & { readonly shell?: string | undefined };

export type ContainerDefinition = {
  readonly name: string;
  readonly why: string;
  /** The definition whose layers lie below; images of the same base share them. */
  readonly base?: string | undefined;
  /** Debian package → globs of its files, without leading slash; documentation is left out whatever they match. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly joined?: Readonly<Record<string, Joined>> | undefined;
  /** Path → where the link points. */
  readonly links?: Readonly<Record<string, string>> | undefined;
  /** Path → source in image/containers/programs, compiled to a static program. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** Path of a file or folder → its mode in octal digits, where that is not 0755 or 0644. */
  readonly modes?: Readonly<Record<string, string>> | undefined;
  /** Path of a folder → the user that owns it. */
  readonly homes?: Readonly<Record<string, string>> | undefined;
  readonly users?: readonly ContainerUser[] | undefined;
  readonly groups?: readonly Account[] | undefined;
  /** What a runtime starts. Without it the definition is only a base of others. */
  readonly image?:
    | { readonly entrypoint: readonly string[]; readonly env: Readonly<Record<string, string>> }
    | undefined;
};

const path = z.string().regex(/^(?!.*\.\.)[^/].*[^/]$/, "is not a path without leading slash");
const account = z.strictObject({
  name: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  id: z.int().min(1).max(65_533),
  why: z.string().min(1),
  home: z.string().optional(),
});

const schema: z.ZodType<ContainerDefinition> = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  why: z.string().min(1),
  base: z.string().optional(),
  files: z.record(z.string(), z.array(path).min(1)),
  joined: z.record(path, z.strictObject({ debian: z.string(), files: path })).optional(),
  links: z.record(path, z.string()).optional(),
  programs: z.record(path, z.string().regex(/^[a-z-]+\.c$/)).optional(),
  modes: z.record(path, z.string().regex(/^[0-7]{4}$/)).optional(),
  homes: z.record(path, z.string()).optional(),
  users: z.array(account.extend({ shell: z.string().optional() })).optional(),
  groups: z.array(account).optional(),
  image: z.strictObject({ entrypoint: z.array(z.string()).min(1), env: z.record(z.string(), z.string()) }).optional(),
});

/** Reads `name` and what it stands on below `folder` (os/containers), the lowest first. */
export async function readContainer(
  folder: string,
  name: string,
): Promise<Result<readonly ContainerDefinition[], "definition-invalid">> {
  const chain: ContainerDefinition[] = [];
  for (let next: string | undefined = name; next !== undefined; next = chain[0]?.base) {
    const at = join(folder, next, "container.json");
    if (chain.some((each) => each.name === next)) return invalid(`${at}: "${next}" is its own base`);
    let parsed: z.ZodSafeParseResult<ContainerDefinition>;
    try {
      parsed = schema.safeParse(JSON.parse(await readFile(at, "utf8")));
    } catch (cause) {
      return fail(Fault.from("definition-invalid", `Cannot read "${at}"`, cause));
    }
    if (!parsed.success) {
      return invalid(parsed.error.issues.map((issue) => `${at}: ${issue.path.join(".")}: ${issue.message}`).join("\n"));
    }
    if (parsed.data.name !== next) return invalid(`${at}: the name is "${parsed.data.name}", wanted the folder's`);
    chain.unshift(parsed.data);
  }
  return ok(chain);
}

/** Names of every definition there is, sorted. */
export async function containerNames(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { withFileTypes: true });
  return found
    .filter((each) => each.isDirectory())
    .map((each) => each.name)
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** Names of the Debian packages of a definition, sorted, each once. */
export function packagesOf({ files, joined }: ContainerDefinition): readonly string[] {
  const names = [...Object.keys(files), ...Object.values(joined ?? {}).map(({ debian }) => debian)];
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The name of a definition's set in the lock. */
export function lockSetName(name: string): string {
  return `container-${name}`;
}

function invalid(message: string): Result<never, "definition-invalid"> {
  return fail(new Fault("definition-invalid", message));
}
