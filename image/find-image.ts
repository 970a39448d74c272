/** Built images by name: what is in the folder of images, and which files belong to one. */
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Fault, orThrow } from "../base/result.ts";
import { OUTPUTS } from "./publish.ts";
import { parseReport, type Report } from "./report/report.ts";

export type FoundImage = { readonly name: string; readonly folder: string };

/** The path of one of an image's files. */
export function outputPath({ name, folder }: FoundImage, kind: keyof typeof OUTPUTS): string {
  return join(folder, `${name}${OUTPUTS[kind]}`);
}

/**
 * The image that `given` means: its name, its folder, or one of its files; undefined is the newest in `images`. Throws
 * `Fault("no-such-image")` with what there is.
 */
export async function findImage(images: string, given: string | undefined): Promise<FoundImage> {
  const names = await builtImages(images);
  if (given === undefined) {
    const [newest] = names;
    if (newest !== undefined) return { name: newest, folder: join(images, newest) };
    throw new Fault("no-such-image", 'Cannot find an image: none is built; "sparkler image build" makes one');
  }
  if (names.includes(given)) return { name: given, folder: join(images, given) };
  const path = resolve(given);
  for (const folder of [path, dirname(path)]) {
    const found = { name: basename(folder), folder };
    if (existsSync(outputPath(found, "report"))) return found;
  }
  const there = names.length === 0 ? "none is built" : `there are: ${names.join(", ")}`;
  throw new Fault("no-such-image", `Cannot find the image "${given}": ${there}`);
}

/** The image's content report. */
export async function readReport(image: FoundImage): Promise<Report> {
  const path = outputPath(image, "report");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw Fault.from("no-such-image", `Cannot read "${path}"`, cause);
  });
  return orThrow(parseReport(text));
}

/** Names, the newest first. */
async function builtImages(images: string): Promise<readonly string[]> {
  if (!existsSync(images)) return [];
  const names = (await readdir(images)).filter((name) => !name.startsWith("."));
  const whole = names.filter((name) => existsSync(outputPath({ name, folder: join(images, name) }, "report")));
  const aged = await Promise.all(whole.map(async (name) => ({ name, at: (await stat(join(images, name))).mtimeMs })));
  return aged.toSorted((a, b) => b.at - a.at).map(({ name }) => name);
}
