/** `sparkler image containers`: making the container images of the project. */
import { stringOption } from "../../base/command.ts";
import { createProgress, formatBytes } from "../../base/progress.ts";
import { chooseMirror } from "./mirror.ts";
import type { OperatorCommand } from "./operator-command.ts";
import * as shared from "./options.ts";

export const command: OperatorCommand = {
  summary: "Build the container images of the project as OCI layouts; those where nothing changed are named.",
  operands: "[NAME…]",
  maxArgs: 16,
  options: { mirror: shared.mirrorOption, json: shared.jsonOption },
  help: `NAME is a folder of os/containers with an image; without one all of them are built.
With --json: [{"name", "folder", "reused", "about": {"layers", "manifest", "config", "sources"}}].`,
  problems: shared.mirrorProblems,
  async run({ options, args, untilInterrupted }) {
    const mirrorUrl = await chooseMirror(stringOption(options, "mirror"));
    const { buildContainers } = await import("../../image/containers/build-all.ts");
    const built = await buildContainers({
      names: args,
      mirrorUrl,
      progress: createProgress(),
      signal: untilInterrupted(),
    });
    const lines = built.map(({ name, folder, reused, about }) => {
      const size = about.layers.map(({ definition, bytes }) => `${definition} ${formatBytes(bytes)}`).join(" + ");
      return `${name}: ${reused ? "nothing changed since it was built" : "built"}\n  folder   ${folder}\n  layers   ${size}\n`;
    });
    process.stdout.write(options["json"] === true ? `${JSON.stringify(built, undefined, 2)}\n` : lines.join(""));
    return 0;
  },
};
