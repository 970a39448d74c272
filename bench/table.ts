/** Figures as a table for people, and as one for docs/benchmarks.md. Pure. */
import { type Figure, meetsAim, type Section } from "./figure.ts";

/** One section as aligned text, ending in a newline. */
export function formatSection(section: Section): string {
  const rows = section.figures.map(cells);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => {
    const [name = "", value = "", aim = "", debian = "", note = ""] = row;
    const [first = 0, second = 0, third = 0, fourth = 0] = widths;
    return `  ${name.padEnd(first)}  ${value.padStart(second)}  ${aim.padEnd(third)}  ${debian.padEnd(fourth)}  ${note}`;
  });
  return `${[section.title, ...lines.map((line) => line.trimEnd())].join("\n")}\n`;
}

/** One section as a table in Markdown. */
export function formatMarkdown(section: Section): string {
  const rows = section.figures.map((figure) => {
    const [name = "", value = "", aim = "", , note = ""] = cells(figure);
    const debian = figure.debian === undefined ? "" : shown(figure.debian, figure);
    return `| ${name} | ${value} | ${aim} | ${debian} | ${note} |`;
  });
  const head = ["| | here | aim | Debian 13 host | |", "| --- | ---: | --- | ---: | --- |"];
  return `${[`## ${section.title}`, "", ...head, ...rows].join("\n")}\n`;
}

function cells(figure: Figure): readonly string[] {
  const { aim } = figure;
  const met = meetsAim(figure) === true ? "met" : "missed";
  const bound =
    aim === undefined
      ? ""
      : "atMost" in aim
        ? `≤ ${shown(aim.atMost, figure)} ${met}`
        : `≥ ${shown(aim.atLeast, figure)} ${met}`;
  const debian = figure.debian === undefined ? "" : `Debian ${shown(figure.debian, figure)}`;
  const unit = figure.unit === "" ? "" : ` ${figure.unit}`;
  return [figure.name, `${shown(figure.value, figure)}${unit}`, bound, debian, figure.note ?? ""];
}

/** Thousands are set apart from ten thousand on. */
function shown(value: number, { digits }: Figure): string {
  const text = value.toFixed(digits ?? 0);
  return Math.abs(value) < 10_000 ? text : text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
