/** A boot as a picture: its stages over each other, the jobs of systemd below, along the instructions executed. Pure. */
import type { Job } from "./jobs.ts";
import type { Stage } from "./stages.ts";

export type Timeline = { readonly title: string; readonly stages: readonly Stage[]; readonly jobs: readonly Job[] };

const WIDTH = 1000;
const LEFT = 10;
const ROW = 18;
const COLOURS = ["#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#9c755f"];
const GIGA = 1e9;

/** SVG text. Labels stand right of a bar, or left of it where there is no room. */
export function drawTimeline({ title, stages, jobs }: Timeline): string {
  const end = Math.max(...stages.map(({ instructions }) => instructions), ...jobs.map(({ to }) => to), 1);
  const x = (instructions: number): number => LEFT + (instructions / end) * (WIDTH - 2 * LEFT);
  const bars = [
    ...stages.map(({ name, instructions, wallMs }, at) => ({
      from: stages[at - 1]?.instructions ?? 0,
      to: instructions,
      label: `${name}: ${(instructions / GIGA).toFixed(2)} G, ${(wallMs / 1000).toFixed(1)} s`,
      colour: COLOURS[at % COLOURS.length] ?? "#888",
    })),
    ...jobs.map(({ name, from, to }) => ({
      from,
      to,
      label: `${name}: ${((to - from) / GIGA).toFixed(2)} G`,
      colour: "#bab0ac",
    })),
  ];
  const height = (bars.length + 3) * ROW;
  const ticks = Array.from({ length: Math.floor(end / GIGA) + 1 }, (_, giga) => {
    const at = x(giga * GIGA).toFixed(1);
    return (
      `<line x1="${at}" x2="${at}" y1="${2 * ROW}" y2="${height}" stroke="#ddd"/>` +
      `<text x="${at}" y="${2 * ROW - 4}" text-anchor="middle">${giga} G</text>`
    );
  });
  const drawn = bars.map(({ from, to, label, colour }, at) => {
    const y = (at + 2) * ROW;
    const [left, right] = [x(from), x(to)];
    const [anchor, place] = right < WIDTH * 0.6 ? ["start", right + 4] : ["end", left - 4];
    return (
      `<rect x="${left.toFixed(1)}" y="${y + 2}" width="${Math.max(1, right - left).toFixed(1)}" ` +
      `height="${ROW - 4}" fill="${colour}"/>` +
      `<text x="${place.toFixed(1)}" y="${y + 13}" text-anchor="${anchor}">${escape(label)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${LEFT}" y="14" font-size="13">${escape(title)}</text>`,
    ...ticks,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
