/** `size`: bytes of the image and what is in it, from its content report. */
import { imagesFolder } from "../../image/build.ts";
import { findImage, readReport } from "../../image/find-image.ts";
import type { Report } from "../../image/report/report.ts";
import type { Benchmark } from "../context.ts";
import type { Figure } from "../figure.ts";

const MEGA = 1e6;

export const size: Benchmark = {
  summary: "sizes of the images and of updates, executables, setuid files, interpreters, open ports",
  async run({ image }) {
    const report = await readReport(await findImage(imagesFolder, (await image()).name));
    return { name: "size", title: "The image", figures: sizeFigures(report) };
  },
};

/** Pure. */
export function sizeFigures(report: Report): readonly Figure[] {
  const update = report.images.reduce((sum, { compressed }) => sum + (compressed ?? 0), 0);
  return [
    ...report.images.map(({ name, bytes, compressed }) => ({
      name: `${name} image`,
      value: bytes / MEGA,
      unit: "MB",
      digits: 1,
      note: compressed === undefined ? undefined : `${(compressed / MEGA).toFixed(1)} MB compressed`,
    })),
    { name: "update, compressed", value: update / MEGA, unit: "MB", digits: 1, aim: { atMost: 120 }, debian: 193 },
    { name: "executables", value: report.executables.length, unit: "", aim: { atMost: 150 }, debian: 1042 },
    { name: "setuid files", value: report.setuid.length, unit: "", aim: { atMost: 0 }, debian: 11 },
    { name: "interpreters", value: report.interpreters.length, unit: "", aim: { atMost: 0 }, debian: 7 },
    { name: "ports open to the network", value: report.ports.length, unit: "", aim: { atMost: 0 }, debian: 7 },
  ];
}
