/** `sparkler image build` and `sparkler image lock`: making images. */
import { stringOption, type Values } from "../../base/command.ts";
import { createProgress, formatBytes } from "../../base/progress.ts";
import { chooseMirror } from "./mirror.ts";
import type { OperatorCommand } from "./operator-command.ts";
import * as shared from "./options.ts";

export const build: OperatorCommand = {
  summary: "Build the image of a variant; where nothing changed, the one that is there is named.",
  options: {
    variant: shared.variantOption,
    overlay: {
      type: "string",
      multiple: true,
      value: "FOLDER",
      summary: "Package definitions to add, each a folder with package.json and rootfs/; may be given again",
    },
    key: { type: "string", value: "FILE", summary: "Private key (PEM) to sign selector and kernel image with" },
    certificate: { type: "string", value: "FILE", summary: "The key's certificate (PEM)" },
    locked: { type: "boolean", summary: "Fail when a locked package is gone from the mirror" },
    mirror: shared.mirrorOption,
    json: shared.jsonOption,
  },
  help: `Without --key the image is signed with a development key that anybody can make.
With --json: {"name", "folder", "disk", "version", "variant", "reused"}.`,
  problems: (values) => [...shared.variantProblems(values), ...shared.mirrorProblems(values), ...keyProblems(values)],
  async run({ options, untilInterrupted }) {
    const variant = stringOption(options, "variant") ?? "qemu-dev";
    const mirrorUrl = await chooseMirror(stringOption(options, "mirror"));
    const { buildImage } = await import("../../image/build.ts");
    const image = await buildImage({
      variant,
      overlays: overlaysOf(options),
      keys: keysOf(options),
      locked: options["locked"] === true,
      mirrorUrl,
      progress: createProgress(),
      signal: untilInterrupted(),
    });
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

function overlaysOf(values: Values): readonly string[] {
  const given = values["overlay"];
  return Array.isArray(given) ? given.filter((each): each is string => typeof each === "string") : [];
}

function keysOf(values: Values): { readonly key: string; readonly certificate: string } | undefined {
  const [key, certificate] = [stringOption(values, "key"), stringOption(values, "certificate")];
  return key === undefined || certificate === undefined ? undefined : { key, certificate };
}

function keyProblems(values: Values): readonly string[] {
  const one = (stringOption(values, "key") === undefined) !== (stringOption(values, "certificate") === undefined);
  return one ? ["Options --key and --certificate are wanted together"] : [];
}
