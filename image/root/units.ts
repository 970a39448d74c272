/**
 * Enabling units: what `[Install]` of our own units says becomes links in the image, as systemctl(1) `enable` would make
 * them; units of Debian packages are enabled by the definition that brings them (`wants`). Pure.
 */

export type UnitLink = {
  /** Path of the link below the root, without leading slash. */
  readonly path: string;
  readonly target: string;
};

const FOLDER = "usr/lib/systemd/system";
const KINDS: Readonly<Record<string, string>> = { WantedBy: "wants", RequiredBy: "requires" };

/** Links for `unit` (a file name) from the text of its file, sorted by path. */
export function installLinks(unit: string, text: string): readonly UnitLink[] {
  const links: UnitLink[] = [];
  let section = "";
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line.startsWith("[")) section = line;
    const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    const kind = KINDS[key];
    if (section !== "[Install]" || kind === undefined) continue;
    links.push(...value.split(/\s+/).map((by) => link(by, kind, unit)));
  }
  return links.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Links for units that a definition has wanted by a target. */
export function wantLinks(wants: Readonly<Record<string, readonly string[]>>): readonly UnitLink[] {
  return Object.entries(wants).flatMap(([target, units]) => units.map((unit) => link(target, "wants", unit)));
}

function link(by: string, kind: string, unit: string): UnitLink {
  return { path: `${FOLDER}/${by}.${kind}/${unit}`, target: `../${unit}` };
}
