/** The files of a folder. Links are listed and never followed: one that leads out of the tree must not bring anything in. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Every file and link below `root`, as paths without leading slash, sorted. Folders are not listed themselves. */
export async function listTree(root: string): Promise<readonly string[]> {
  const paths: string[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else paths.push(path);
    }
  }
  return paths.toSorted((a, b) => (a < b ? -1 : 1));
}
