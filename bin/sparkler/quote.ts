/** Words for a shell at another place, which gets them as one line (POSIX shell, section 2.2.2). */

export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
