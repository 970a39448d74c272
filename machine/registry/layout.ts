/**
 * A folder of OCI image layouts (OCI image-spec 1.1, "Image Layout"), one below it per repository, as a registry reads
 * it: tags, manifests, blobs. Names come from outside; none but plain ones reach a path.
 */
import { lstat, readdir, readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { z } from "zod";

export type Blob = {
  readonly path: string;
  readonly size: number;
  readonly mediaType: string;
  readonly digest: string;
};

type Entry = { readonly mediaType: string; readonly digest: string; readonly tag: string | undefined };

const namePattern = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const digestPattern = /^sha256:([0-9a-f]{64})$/;
const TAG = "org.opencontainers.image.ref.name";
const ANY_BLOB = "application/octet-stream";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** A manifest says what it is in itself; a larger file is none. */
const MAX_MANIFEST = 4 * 1024 * 1024;

const indexSchema: z.ZodType<{ readonly manifests: readonly Entry[] }> = z.object({
  manifests: z.array(
    z
      .object({
        mediaType: z.string().default(MANIFEST),
        digest: z.string(),
        annotations: z.record(z.string(), z.string()).optional(),
      })
      .transform(({ mediaType, digest, annotations }) => ({ mediaType, digest, tag: annotations?.[TAG] })),
  ),
});
const manifestSchema: z.ZodType<{ readonly schemaVersion: number; readonly mediaType?: string | undefined }> = z.object(
  {
    schemaVersion: z.number(),
    mediaType: z.string().optional(),
  },
);

export class Layouts {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  async repositories(): Promise<readonly string[]> {
    const entries = await readdir(this.#base).catch(() => []); // nothing was built yet
    const found = await Promise.all(
      entries.filter((name) => namePattern.test(name)).map(async (name) => ((await this.#index(name)) ? [name] : [])),
    );
    return found.flat().sort();
  }

  /** Undefined for a repository that is not there. A layout whose image has no tag has the tag `latest`. */
  async tags(name: string): Promise<readonly string[] | undefined> {
    const index = await this.#index(name);
    return index === undefined ? undefined : [...new Set(index.map(({ tag }) => tag ?? "latest"))].sort();
  }

  /** By tag or by digest. */
  async manifest(name: string, reference: string): Promise<Blob | undefined> {
    const index = await this.#index(name);
    if (index === undefined) return undefined;
    const byDigest = digestPattern.test(reference);
    const entry = index.find((each) => (byDigest ? each.digest === reference : (each.tag ?? "latest") === reference));
    const blob = await this.blob(name, entry?.digest ?? reference);
    if (blob === undefined) return undefined;
    const mediaType = entry?.mediaType ?? (await manifestType(blob));
    return mediaType === undefined ? undefined : { ...blob, mediaType };
  }

  async blob(name: string, digest: string): Promise<Blob | undefined> {
    const hex = digestPattern.exec(digest)?.[1];
    if (hex === undefined || !namePattern.test(name)) return undefined;
    const found = await this.#inside(join(this.#base, name, "blobs", "sha256", hex));
    return found === undefined ? undefined : { ...found, digest, mediaType: ANY_BLOB };
  }

  async #index(name: string): Promise<readonly Entry[] | undefined> {
    if (!namePattern.test(name)) return undefined;
    const found = await this.#inside(join(this.#base, name, "index.json"));
    if (found === undefined || found.size > MAX_MANIFEST) return undefined;
    const read = indexSchema.safeParse(await jsonOf(found.path));
    return read.success ? read.data.manifests : undefined;
  }

  /** The file when it is one, and lies below the folder whatever links lead to it. */
  async #inside(path: string): Promise<{ readonly path: string; readonly size: number } | undefined> {
    try {
      const [base, real] = await Promise.all([realpath(this.#base), realpath(path)]);
      if (!real.startsWith(`${base}${sep}`)) return undefined;
      const stat = await lstat(real);
      return stat.isFile() ? { path: real, size: stat.size } : undefined;
    } catch {
      return undefined; // it is not there
    }
  }
}

async function manifestType({ path, size }: Blob): Promise<string | undefined> {
  if (size > MAX_MANIFEST) return undefined;
  const read = manifestSchema.safeParse(await jsonOf(path));
  return read.success ? (read.data.mediaType ?? MANIFEST) : undefined;
}

async function jsonOf(path: string): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return value;
  } catch {
    return undefined; // which no schema takes
  }
}
