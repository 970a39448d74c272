/** Names of store files: the one owner of them. */

/** SQLite's companions of a database file. */
export const companions = ["-wal", "-shm"] as const;

export function storeFileName(version: string): string {
  return `store-${version}.sqlite`;
}

/** The versions that have a store, from the names in a folder. */
export function versionsIn(names: readonly string[]): readonly string[] {
  const form = /^store-(?<version>\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)\.sqlite$/;
  return names.flatMap((name) => form.exec(name)?.groups?.["version"] ?? []);
}
