/** One short text for "these edits on top of this generation", by which what was reviewed is what is committed. */
import type { Edits } from "../store/batch.ts";

export function planHash(base: number, edits: Edits): string {
  const sorted = [...edits].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([base, sorted.map(([name, edit]) => (edit ? [name, edit.value] : [name]))]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
