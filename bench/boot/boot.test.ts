import { expect, test } from "bun:test";
import { addText, type ConsoleLine } from "./console-line.ts";
import { jobsOf } from "./jobs.ts";
import { stagesOf } from "./stages.ts";
import { drawTimeline } from "./timeline.ts";

const moment = (instructions: number): { instructions: number; wallMs: number } => ({ instructions, wallMs: 1 });

const lines: readonly ConsoleLine[] = [
  'BdsDxe: starting Boot0001 "UEFI Misc Device"',
  "sparkler-selector: starting set A (priority 1)",
  "sparkler-init: preparing the root",
  "sparkler-init: starting systemd from set PARTUUID x",
  "Expecting device /dev/sparkler/data...",
  "         Starting API & settings...",
  "[    8.2] apiserver[1]: apiserver: API answers",
  "[  OK  ] Started API & settings.",
  "         Mounting /var...",
  "[  OK  ] Reached target Multi-User System.",
].map((text, at) => ({ text, ...moment((at + 1) * 1e9) }));

test("addText() goes on with a line that was not complete, which keeps its moment", () => {
  const first = addText([], "one\ntw", moment(1));
  expect(addText(first, "o\nthree\n", moment(2))).toEqual([
    { text: "one", ...moment(1) },
    { text: "two", ...moment(1) },
    { text: "three", ...moment(2) },
    { text: "", ...moment(2) },
  ]);
  expect(addText(addText([], "one\n", moment(1)), "two", moment(2)).at(-1)).toEqual({ text: "two", ...moment(2) });
});

test("stagesOf() orders the ends of all stages, the answer outside among them", () => {
  const stages = stagesOf(lines, moment(7.5e9));
  expect(stages.map(({ name }) => name).slice(-3)).toEqual(["API", "API outside", "multi-user"]);
  expect(stages[0]).toEqual({ name: "firmware", ...moment(1e9) });
});

test("stagesOf() says which stage is not on the console", () => {
  expect(() => stagesOf(lines.slice(0, 4), moment(9))).toThrow('"systemd"');
});

test("jobsOf() pairs starts and ends, and leaves out what is not over", () => {
  expect(jobsOf(lines)).toEqual([{ name: "API & settings", from: 6e9, to: 8e9 }]);
});

test("drawTimeline() draws one bar for each stage and job, and escapes what they are called", () => {
  const svg = drawTimeline({ title: "First <boot>", stages: stagesOf(lines, moment(7.5e9)), jobs: jobsOf(lines) });
  expect(svg.match(/<rect /g)).toHaveLength(1 + 8 + 1);
  expect(svg).toContain("API &amp; settings: 2.00 G");
  expect(svg).toContain("First &lt;boot>");
});
