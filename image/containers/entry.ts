/** What lies in a layer: a list of entries that says everything that a file system will hold. Pure. */

/** Where an entry's content came from, for the bill of materials. */
export type Source = { readonly debian: string; readonly version: string };

export type Entry = {
  /** Without leading slash. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly source?: Source | undefined;
} & (
  | { readonly kind: "folder" }
  | { readonly kind: "link"; readonly target: string }
  /** A file of this machine, or its bytes. */
  | { readonly kind: "file"; readonly from: string | Uint8Array }
);

/** By path; what lies in a layer, or in several that are laid over each other. */
export type Layer = ReadonlyMap<string, Entry>;

export const FOLDER_MODE = 0o755;

/** `entries` sorted by path, with every folder above them, as `lower` has it where it does. */
export function makeLayer(entries: readonly Entry[], lower: Layer = new Map()): Layer {
  const found = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries) {
    for (let at = path.lastIndexOf("/"); at !== -1; at = path.lastIndexOf("/", at - 1)) {
      const above = path.slice(0, at);
      if (found.has(above)) continue;
      found.set(above, lower.get(above) ?? { path: above, kind: "folder", mode: FOLDER_MODE, uid: 0, gid: 0 });
    }
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is seen of layers that are laid over each other, the lowest first. */
export function mergeLayers(layers: readonly Layer[]): Layer {
  const merged = new Map(layers.flatMap((layer) => [...layer]));
  return new Map([...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
