/** The content report as text for a terminal: tables first, lists after them. */
import { formatBytes } from "../../base/progress.ts";
import type { Report } from "./report.ts";

export function formatReport(report: Report): string {
  const { images, containers = [], packages, executables, setuid, interpreters, ports, units, modules } = report;
  const sections = [
    `${report.name} ${report.version} (${report.commit})`,
    section("Images", [
      ["image", "raw", "compressed"],
      ...images.map((each) => [
        each.name,
        formatBytes(each.bytes),
        each.compressed === undefined ? "-" : formatBytes(each.compressed),
      ]),
    ]),
    section(
      `Built-in containers (${containers.length})`,
      containers.map((each) => [
        each.name,
        `${formatBytes(each.bytes)} in the root`,
        `layers ${each.layers.map(({ definition, bytes }) => `${definition} ${formatBytes(bytes)}`).join(" + ")}`,
        `files of ${each.packages} packages`,
      ]),
    ),
    section(`Packages (${report.files} files, ${report.links} links, ${formatBytes(report.bytes)})`, [
      ["package", "bytes", "files", "from"],
      ...packages.map((each) => [
        each.name,
        formatBytes(each.bytes),
        String(each.files),
        each.sources
          .map((source) => (source.debian === undefined ? "own files" : `${source.debian} ${source.version ?? ""}`))
          .join(", "),
      ]),
    ]),
    section(
      `Executables (${executables.length})`,
      executables.map((each) => [`/${each.path}`, formatBytes(each.bytes), each.kind, each.package]),
    ),
    section(
      `Setuid and setgid files (${setuid.length})`,
      setuid.map((each) => [`/${each.path}`, each.mode, each.package]),
    ),
    section(
      `Interpreters (${interpreters.length})`,
      interpreters.map((each) => [`/${each.path}`, each.language, `by ${each.found}`]),
    ),
    section(
      `Ports open to the network (${ports.length})`,
      ports.map((each) => [`${each.protocol} ${each.address} ${each.port}`, each.from]),
    ),
    section(
      `Units (${units.length})`,
      units.map((each) => [each.name, each.package, each.listens.join(", ")]),
    ),
    `Kernel modules: ${modules.count}, ${formatBytes(modules.bytes)}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

/** Rows with columns of equal width; `none` when there is no row. */
export function section(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `${title}\n  none`;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  const lines = rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd());
  return [title, ...lines].join("\n");
}
