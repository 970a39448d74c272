/**
 * A picture of where the bytes are: one field per package, in it one cell per large file and one for the rest. SVG of
 * its own: no fonts, scripts or addresses from outside. It has no ground of its own, and colours that stand on a light
 * page and on a dark one.
 */
import { formatBytes } from "../../base/progress.ts";
import type { Report, ReportPackage } from "./report.ts";
import { type Box, squarify } from "./treemap.ts";

const WIDTH = 1200;
const HEIGHT = 700;
const TOP = 44;
const LEGEND_ROW = 22;
const LEGEND_COLUMN = 300;
const HEADER = 18;
/** Width of a character relative to the size of the text, on the safe side for common sans-serif faces. */
const CHARACTER = 0.62;
/** Files below this share of the whole are drawn together. */
const SMALL = 0.002;

type Cell = { readonly label: string; readonly bytes: number };

/** Same report, same text. */
export function drawReport(report: Report): string {
  const packages = report.packages.filter((each) => each.bytes > 0);
  const rows = Math.ceil(packages.length / Math.floor(WIDTH / LEGEND_COLUMN));
  const height = TOP + HEIGHT + 16 + rows * LEGEND_ROW;
  const area: Box = { x: 0, y: TOP, width: WIDTH, height: HEIGHT };
  const boxes = squarify(
    packages.map((each) => each.bytes),
    area,
  );
  const fields = packages.flatMap((each, at) => {
    const box = boxes[at];
    return box === undefined ? [] : [drawPackage(each, cellsOf(each, report), box, at)];
  });
  const title = `${report.name} ${report.version}: ${formatBytes(report.bytes)} in ${report.files} files`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
      `font-family="sans-serif" role="img">`,
    `<title>${escape(title)}</title>`,
    `<text x="0" y="28" font-size="20" fill="#808080">${escape(title)}</text>`,
    ...fields,
    ...packages.map((each, at) => legend(each, at, TOP + HEIGHT + 16)),
    "</svg>",
    "",
  ].join("\n");
}

/** The large files of a package, then all others as one; largest first. */
function cellsOf({ name, bytes, files }: ReportPackage, report: Report): readonly Cell[] {
  const large = report.largest.filter((each) => each.package === name && each.bytes >= report.bytes * SMALL);
  const cells = large.map((each) => ({ label: each.path.split("/").at(-1) ?? each.path, bytes: each.bytes }));
  const rest = bytes - cells.reduce((sum, each) => sum + each.bytes, 0);
  const others = files - cells.length;
  if (rest > 0) cells.push({ label: cells.length === 0 ? `${others} files` : `${others} others`, bytes: rest });
  return cells.toSorted((a, b) => b.bytes - a.bytes || (a.label < b.label ? -1 : 1));
}

function drawPackage(each: ReportPackage, cells: readonly Cell[], box: Box, place: number): string {
  const named = box.height > HEADER * 2.5 && fits(each.name, box.width, 13);
  const inner = named ? { ...box, y: box.y + HEADER, height: box.height - HEADER } : box;
  const boxes = squarify(
    cells.map((cell) => cell.bytes),
    inner,
  );
  const parts = cells.flatMap((cell, at) => {
    const own = boxes[at];
    return own === undefined
      ? []
      : [rectangle(own, colour(place, 36), `${cell.label}: ${formatBytes(cell.bytes)}`), ...label(cell, own)];
  });
  const frame = rectangle(box, colour(place, 25), `${each.name}: ${formatBytes(each.bytes)}`);
  const heading = named ? [bold(box.x + 5, box.y + 14, each.name)] : [];
  return ["<g>", frame, ...heading, ...parts, "</g>"].join("\n");
}

function label(cell: Cell, box: Box): readonly string[] {
  const size = 11;
  if (box.height < 18) return [];
  if (fits(cell.label, box.width, size)) {
    const second = box.height >= 32 ? [text(box.x + 5, box.y + 27, size, formatBytes(cell.bytes))] : [];
    return [text(box.x + 5, box.y + 14, size, cell.label), ...second];
  }
  return fits(formatBytes(cell.bytes), box.width, size)
    ? [text(box.x + 5, box.y + 14, size, formatBytes(cell.bytes))]
    : [];
}

function legend({ name, bytes }: ReportPackage, at: number, top: number): string {
  const columns = Math.floor(WIDTH / LEGEND_COLUMN);
  const [x, y] = [(at % columns) * LEGEND_COLUMN, top + Math.floor(at / columns) * LEGEND_ROW];
  const square = rectangle({ x, y, width: 14, height: 14 }, colour(at, 36), name);
  const shown = `${name} ${formatBytes(bytes)}`;
  return `${square}\n<text x="${x + 22}" y="${y + 12}" font-size="13" fill="#808080">${escape(shown)}</text>`;
}

/** Steps round the colour circle by the golden angle keep neighbours apart; dark enough for white text. */
function colour(at: number, lightness: number): string {
  return `hsl(${Math.round(210 + at * 137.508) % 360}, 45%, ${lightness}%)`;
}

function rectangle({ x, y, width, height }: Box, fill: string, title: string): string {
  const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  return `<rect ${place} fill="${fill}" stroke="#808080"><title>${escape(title)}</title></rect>`;
}

function text(x: number, y: number, size: number, content: string): string {
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="#ffffff">${escape(content)}</text>`;
}

function bold(x: number, y: number, content: string): string {
  const place = `x="${round(x)}" y="${round(y)}"`;
  return `<text ${place} font-size="13" font-weight="bold" fill="#ffffff">${escape(content)}</text>`;
}

function fits(content: string, width: number, size: number): boolean {
  return content.length * size * CHARACTER + 10 <= width;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
