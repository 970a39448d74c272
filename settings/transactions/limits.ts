/** What all settings together may take: refused at commit, since only there the whole is known. */
import type { Problem } from "../fault.ts";
import type { Batch, Edits } from "../store/batch.ts";

/** All live values are held in memory, sent in one answer and walked by every render. */
const MAX_NAMES = 8192;
const MAX_CHARACTERS: number = 4 * 1024 * 1024;

/** Why `edits` cannot be added, or undefined. What makes the whole smaller is always taken. */
export function outgrows(batch: Batch, edits: Edits): Problem | undefined {
  const { names, characters } = batch.weightWith(edits);
  const tooMany = names > MAX_NAMES && names > batch.weight.names;
  if (tooMany) return { path: "settings", message: `would hold ${names} values, wanted ${MAX_NAMES} at most` };
  const tooLarge = characters > MAX_CHARACTERS && characters > batch.weight.characters;
  if (!tooLarge) return undefined;
  return { path: "settings", message: `would hold ${characters} characters, wanted ${MAX_CHARACTERS} at most` };
}
