/** `npm run bench -- [NAME…]`: runs the benchmarks that are named, or all; prints a table, writes JSON. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Command, runCommand, stringOption } from "../base/command.ts";
import { createLog } from "../base/log.ts";
import { createProgress } from "../base/progress.ts";
import { Fault } from "../base/result.ts";
import { chooseMirror } from "../bin/sparkler/mirror.ts";
import { qemuTools } from "../bin/sparkler/qemu-tools.ts";
import { buildImage } from "../image/build.ts";
import { buildFolder } from "../image/tools.ts";
import { api } from "./api/benchmark.ts";
import { boot } from "./boot/benchmark.ts";
import { build } from "./build-time/benchmark.ts";
import { containers } from "./containers/benchmark.ts";
import type { Benchmark, Context } from "./context.ts";
import type { Section } from "./figure.ts";
import { memory } from "./memory/benchmark.ts";
import { size } from "./size/benchmark.ts";
import { formatMarkdown, formatSection } from "./table.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = { boot, size, memory, containers, build, api };

const results = join(buildFolder, "bench.json");

const command: Command = {
  name: "bench",
  summary: "Measure the image, its boot, and its API",
  operands: "[NAME…]",
  options: {
    json: { type: "boolean", summary: "Print the figures as JSON in place of tables" },
    markdown: { type: "boolean", summary: "Print the tables in the form of docs/benchmarks.md" },
    svg: { type: "string", value: "FILE", summary: "Draw the timeline of an ordinary boot (with boot)" },
    variant: { type: "string", value: "NAME", summary: "Variant of the image (default qemu-dev)" },
    mirror: { type: "string", value: "URL", summary: "Debian mirror, when apt here has none that serves" },
  },
  help: `Benchmarks, all of which run when none is named:
${Object.entries(benchmarks)
  .map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`)
  .join("\n")}
The figures are also written to ${results}.`,
  async run({ options, args }) {
    const unknown = args.filter((name) => !Object.hasOwn(benchmarks, name));
    if (unknown.length > 0) {
      const there = Object.keys(benchmarks).join(", ");
      throw new Fault("no-benchmark", `Cannot run "${unknown.join(", ")}": there are ${there}`);
    }
    const context = makeContext(await chooseMirror(stringOption(options, "mirror")), {
      variant: stringOption(options, "variant") ?? "qemu-dev",
      svg: stringOption(options, "svg"),
    });
    const sections: Section[] = [];
    for (const [name, benchmark] of Object.entries(benchmarks)) {
      if (args.length > 0 && !args.includes(name)) continue;
      const section = await benchmark.run(context);
      sections.push(section);
      if (options["json"] === true) continue;
      process.stdout.write(`${options["markdown"] === true ? formatMarkdown(section) : formatSection(section)}\n`);
    }
    const text = `${JSON.stringify(sections, undefined, 2)}\n`;
    if (options["json"] === true) process.stdout.write(text);
    await mkdir(dirname(results), { recursive: true });
    await writeFile(results, text);
    return 0;
  },
};

function makeContext(
  mirrorUrl: string | undefined,
  { variant, svg }: { variant: string; svg: string | undefined },
): Context {
  const progress = createProgress();
  const { signal } = new AbortController();
  const images = new Map<string, ReturnType<Context["image"]>>();
  let tools: ReturnType<Context["tools"]> | undefined;
  return {
    progress,
    signal,
    svg: svg === undefined ? undefined : resolve(svg),
    image: (overlays = []) => {
      const name = overlays.join(":");
      const image = images.get(name) ?? buildImage({ variant, overlays, mirrorUrl, progress });
      images.set(name, image);
      return image;
    },
    tools: () => (tools ??= qemuTools({ progress, signal, mirrorUrl })),
  };
}

process.exitCode = await runCommand(command, process.argv.slice(2), createLog({ component: "bench" }));
