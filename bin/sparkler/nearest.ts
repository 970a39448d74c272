/** What somebody may have meant: the word that takes the fewest changed, added, dropped or swapped letters. */

/** The nearest of `words`, when it is near enough to be worth asking. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const rated = words.map((each) => ({ each, far: distance(word, each) }));
  const best = rated.toSorted((a, b) => a.far - b.far)[0];
  return best !== undefined && best.far <= Math.max(1, Math.floor(best.each.length / 3)) ? best.each : undefined;
}

/** Optimal string alignment distance. */
export function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, at) => at)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= from.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= to.length; j += 1) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const choices = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost];
      rows[i]?.push(Math.min(...choices, ...(swapped ? [at(i - 2, j - 2) + 1] : [])));
    }
  }
  return at(from.length, to.length);
}
