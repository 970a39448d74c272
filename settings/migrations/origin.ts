/**
 * What a store remembers of the store that it was made from: which version, at which generation, the state of its file,
 * and the values as they were brought, in the terms of this version. By these it is known later what was changed since.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { State } from "../history/state.ts";
import type { Notes } from "../store/batch.ts";
import { storeFileName } from "../store/files.ts";
import { settingValueSchema } from "../value-schema.ts";
import type { Values } from "./migration.ts";

const NOTE = "origin";

export type Origin = {
  readonly version: string;
  /** The last generation of that store when it was copied. */
  readonly generation: number;
  /** Sizes and times of its files then; see `fingerprint()`. */
  readonly file: string;
  readonly values: Values;
};

export type OriginFacts = {
  readonly folder: string;
  readonly version: string;
  readonly generation: number;
  readonly values: State;
};

export async function originNote({ folder, version, generation, values }: OriginFacts): Promise<Notes> {
  const plain = [...values].map(([name, { value }]) => [name, value]);
  const file = await fingerprint(folder, version);
  return new Map([[NOTE, JSON.stringify({ version, generation, file, values: plain })]]);
}

/** Undefined for a store that was not made from another, or whose note cannot be read. */
export function originOfStore(notes: ReadonlyMap<string, string>): Origin | undefined {
  const text = notes.get(NOTE);
  if (text === undefined) return undefined;
  const value = settingValueSchema();
  const form = z.strictObject({
    version: z.string(),
    generation: z.int(),
    file: z.string(),
    values: z.array(z.tuple([z.string(), value])),
  });
  const parsed = form.safeParse(parseJson(text));
  return parsed.success ? { ...parsed.data, values: new Map(parsed.data.values) } : undefined;
}

/** Changes whenever the store of a version was written to; empty when there is none. */
export async function fingerprint(folder: string, version: string): Promise<string> {
  const parts: string[] = [];
  for (const end of ["", "-wal"]) {
    try {
      const { size, mtimeMs } = await stat(join(folder, `${storeFileName(version)}${end}`));
      if (end === "" || size > 0) parts.push(`${size}@${mtimeMs}`);
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause;
    }
  }
  return parts.join(" ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
