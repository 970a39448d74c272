/** What differs between two content reports: things that came, things that went, things that changed their size. */
import { formatBytes } from "../../base/progress.ts";
import type { Report } from "./report.ts";
import { section } from "./text.ts";

export type Growth = { readonly name: string; readonly from: number; readonly to: number };

export type NameChanges = { readonly added: readonly string[]; readonly removed: readonly string[] };

export type ReportDifferences = {
  readonly from: string;
  readonly to: string;
  /** Images, packages and kernel modules whose bytes differ; 0 stands for one that is not there. */
  readonly images: readonly Growth[];
  readonly packages: readonly Growth[];
  readonly modules: readonly Growth[];
  /** Debian packages as `NAME VERSION`. */
  readonly debian: NameChanges;
  readonly executables: NameChanges;
  readonly setuid: NameChanges;
  readonly interpreters: NameChanges;
  readonly ports: NameChanges;
  readonly units: NameChanges;
};

const NAMED = ["debian", "executables", "setuid", "interpreters", "ports", "units"] as const;

export function compareReports(a: Report, b: Report): ReportDifferences {
  const [before, after] = [names(a), names(b)];
  const of = (key: (typeof NAMED)[number]): NameChanges => changes(before[key], after[key]);
  return {
    from: title(a),
    to: title(b),
    images: growths(imageSizes(a), imageSizes(b)),
    packages: growths(packageSizes(a), packageSizes(b)),
    modules: growths(new Map([["kernel modules", a.modules.bytes]]), new Map([["kernel modules", b.modules.bytes]])),
    debian: of("debian"),
    executables: of("executables"),
    setuid: of("setuid"),
    interpreters: of("interpreters"),
    ports: of("ports"),
    units: of("units"),
  };
}

/** True when nothing that a report holds differs, but for name, version and commit. */
export function areAlike(differences: ReportDifferences): boolean {
  const { images, packages, modules } = differences;
  return (
    images.length + packages.length + modules.length === 0 &&
    NAMED.every((key) => differences[key].added.length + differences[key].removed.length === 0)
  );
}

export function formatDifferences(differences: ReportDifferences): string {
  const head = `From ${differences.from}\nTo   ${differences.to}`;
  if (areAlike(differences)) return `${head}\n\nNo difference in content\n`;
  const sections = [
    head,
    ...grown("Images", differences.images),
    ...grown("Packages", [...differences.packages, ...differences.modules]),
    ...listed("Debian packages", differences.debian),
    ...listed("Executables", differences.executables),
    ...listed("Setuid and setgid files", differences.setuid),
    ...listed("Interpreters", differences.interpreters),
    ...listed("Ports open to the network", differences.ports),
    ...listed("Units", differences.units),
  ];
  return `${sections.join("\n\n")}\n`;
}

function grown(heading: string, rows: readonly Growth[]): readonly string[] {
  return rows.length === 0 ? [] : [section(heading, rows.map(growthRow))];
}

function listed(heading: string, { added, removed }: NameChanges): readonly string[] {
  const rows = [...removed.map((name) => [`- ${name}`]), ...added.map((name) => [`+ ${name}`])];
  return rows.length === 0 ? [] : [section(heading, rows)];
}

function growthRow({ name, from, to }: Growth): readonly string[] {
  const sign = to >= from ? "+" : "-";
  const change = from === 0 ? "new" : to === 0 ? "gone" : `${sign}${formatBytes(Math.abs(to - from))}`;
  return [name, `${formatBytes(from)} → ${formatBytes(to)}`, change];
}

function title({ name, version, commit }: Report): string {
  return `${name} ${version} (${commit})`;
}

function names(report: Report): Readonly<Record<(typeof NAMED)[number], readonly string[]>> {
  return {
    debian: report.packages.flatMap((each) =>
      each.sources.flatMap(({ debian, version }) => (debian === undefined ? [] : [`${debian} ${version ?? ""}`])),
    ),
    executables: report.executables.map((each) => `/${each.path}`),
    setuid: report.setuid.map((each) => `/${each.path} ${each.mode}`),
    interpreters: report.interpreters.map((each) => `/${each.path} (${each.language}, by ${each.found})`),
    ports: report.ports.map((each) => `${each.protocol} ${each.address} ${each.port} (${each.from})`),
    units: report.units.map((each) => each.name),
  };
}

function changes(a: readonly string[], b: readonly string[]): NameChanges {
  const [before, after] = [new Set(a), new Set(b)];
  return { added: [...after.difference(before)].sort(), removed: [...before.difference(after)].sort() };
}

function growths(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): readonly Growth[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((name) => ({ name, from: a.get(name) ?? 0, to: b.get(name) ?? 0 }))
    .filter(({ from, to }) => from !== to)
    .toSorted((x, y) => Math.abs(y.to - y.from) - Math.abs(x.to - x.from) || (x.name < y.name ? -1 : 1));
}

/** Raw and compressed sizes under names of their own. */
function imageSizes({ images }: Report): ReadonlyMap<string, number> {
  return new Map(
    images.flatMap(({ name, bytes, compressed }): readonly (readonly [string, number])[] => [
      [name, bytes],
      ...(compressed === undefined ? [] : [[`${name}, compressed`, compressed] as const]),
    ]),
  );
}

function packageSizes({ packages }: Report): ReadonlyMap<string, number> {
  return new Map(packages.map(({ name, bytes }) => [name, bytes]));
}
