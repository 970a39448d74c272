/** `sparkler image report` and `sparkler image verify`: looking into images that are built. */
import { writeFile } from "node:fs/promises";
import { stringOption } from "../../base/command.ts";
import { createProgress } from "../../base/progress.ts";
import { chooseMirror } from "./mirror.ts";
import type { OperatorCommand } from "./operator-command.ts";
import * as shared from "./options.ts";

export const report: OperatorCommand = {
  summary: "Say what is in an image, or how two images differ.",
  operands: "[IMAGE [OTHER]]",
  maxArgs: 2,
  options: {
    svg: { type: "string", value: "FILE", summary: "Also draw where the bytes are" },
    json: shared.jsonOption,
  },
  help: `IMAGE is the name of an image, its folder, or one of its files; without one the newest image counts.
With --json: the image's content report, or the differences.`,
  async run({ options, args }) {
    const { imagesFolder } = await import("../../image/build.ts");
    const { findImage, readReport } = await import("../../image/find-image.ts");
    const [one, other] = args;
    const first = await readReport(await findImage(imagesFolder, one));
    const svg = stringOption(options, "svg");
    if (svg !== undefined) await writeFile(svg, (await import("../../image/report/draw.ts")).drawReport(first));
    if (other === undefined) {
      const { formatReport } = await import("../../image/report/text.ts");
      process.stdout.write(options["json"] === true ? `${JSON.stringify(first, undefined, 2)}\n` : formatReport(first));
      return 0;
    }
    const second = await readReport(await findImage(imagesFolder, other));
    const { compareReports, formatDifferences } = await import("../../image/report/compare.ts");
    const differences = compareReports(first, second);
    process.stdout.write(
      options["json"] === true ? `${JSON.stringify(differences, undefined, 2)}\n` : formatDifferences(differences),
    );
    return 0;
  },
};

export const verify: OperatorCommand = {
  summary: "Check a built image: table, signatures, hashes, what is published beside it.",
  operands: "[IMAGE]",
  maxArgs: 1,
  options: {
    certificate: {
      type: "string",
      value: "FILE",
      summary: "Whose signatures are wanted (PEM; default: the certificate beside the image)",
    },
    mirror: shared.mirrorOption,
    json: shared.jsonOption,
  },
  help: `IMAGE is the name of an image, its folder, or one of its files; without one the newest image counts.
Exit status 1 when a check fails. With --json: {"name", "ok", "checks": [{"name", "ok", "detail"}]}.`,
  problems: shared.mirrorProblems,
  async run({ options, args, untilInterrupted }) {
    const mirrorUrl = await chooseMirror(stringOption(options, "mirror"));
    const signal = untilInterrupted();
    const { imagesFolder } = await import("../../image/build.ts");
    const { findImage } = await import("../../image/find-image.ts");
    const { verifyImage } = await import("../../image/verify.ts");
    const { toolRoot } = await import("../../image/tools.ts");
    const image = await findImage(imagesFolder, args[0]);
    const progress = createProgress();
    const tools = await progress.step("Build tools", (say) => toolRoot("build", { mirrorUrl, signal, report: say }));
    const certificate = stringOption(options, "certificate");
    const checks = await progress.step("Verifying", () =>
      verifyImage({ image, tools, scratch: imagesFolder, certificate, signal }),
    );
    const ok = checks.every((check) => check.ok);
    const rows = checks.map((check) => `  ${check.ok ? "good" : "BAD "}  ${check.name}: ${check.detail}\n`);
    const text = `${image.name}: ${ok ? "good" : "not good"}\n${rows.join("")}`;
    const answer = { name: image.name, ok, checks };
    process.stdout.write(options["json"] === true ? `${JSON.stringify(answer, undefined, 2)}\n` : text);
    return ok ? 0 : 1;
  },
};
