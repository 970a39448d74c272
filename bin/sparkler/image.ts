/** `sparkler image …`: making images. */
import { stringOption } from "../../base/command.ts";
import { createProgress, formatBytes } from "../../base/progress.ts";
import { chooseMirror } from "./mirror.ts";
import type { OperatorCommand } from "./operator-command.ts";
import * as shared from "./options.ts";

export const build: OperatorCommand = {
  summary: "Build the image of a variant; where nothing changed, the one that is there is named.",
  options: { variant: shared.variantOption, mirror: shared.mirrorOption, json: shared.jsonOption },
  help: 'With --json: {"name", "folder", "disk", "version", "variant", "reused"}.',
  problems: (values) => [...shared.variantProblems(values), ...shared.mirrorProblems(values)],
  async run({ options, untilInterrupted }) {
    const variant = stringOption(options, "variant") ?? "qemu-dev";
    const mirrorUrl = await chooseMirror(stringOption(options, "mirror"));
    const { buildImage } = await import("../../image/build.ts");
    const image = await buildImage({ variant, mirrorUrl, progress: createProgress(), signal: untilInterrupted() });
    if (options["json"] === true) {
      process.stdout.write(`${JSON.stringify(image, undefined, 2)}\n`);
      return 0;
    }
    const how = image.reused ? "nothing changed since it was built" : "built";
    const size = formatBytes(Bun.file(image.disk).size);
    process.stdout.write(`${image.name}: ${how}\n  folder   ${image.folder}\n  disk     ${image.disk} (${size})\n`);
    return 0;
  },
};

export const lock: OperatorCommand = {
  summary: "Resolve every set of Debian packages against the mirror's present state, and write the lock.",
  options: { mirror: shared.mirrorOption, json: shared.jsonOption },
  help: 'With --json: {"moves": […]}, a sentence for each package that moved.',
  problems: shared.mirrorProblems,
  async run({ options, untilInterrupted }) {
    const mirrorUrl = await chooseMirror(stringOption(options, "mirror"));
    const signal = untilInterrupted();
    const { lockPackages } = await import("../../image/lock-packages.ts");
    const { moves } = await createProgress().step("Resolving Debian packages", () => lockPackages(mirrorUrl, signal));
    const text = moves.length === 0 ? "No package moved" : moves.join("\n");
    process.stdout.write(options["json"] === true ? `${JSON.stringify({ moves }, undefined, 2)}\n` : `${text}\n`);
    return 0;
  },
};
