/** `sparkler logs`: the console's log on standard output, for programs and pagers. */
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../base/result.ts";
import { plainTextStream } from "../../machine/console-text.ts";
import { follow } from "../../machine/follow.ts";
import { files } from "../../machine/paths.ts";
import { readRunning } from "../../machine/records.ts";
import { existingMachineOf } from "./machine-of.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { nameOption, nameProblems } from "./options.ts";

export const command: OperatorCommand = {
  summary: "Print what a machine has written on its console since it was last started.",
  options: {
    name: nameOption,
    follow: { type: "boolean", short: "f", summary: "Go on while the machine runs" },
    previous: {
      type: "boolean",
      summary: "The log before this one: of the start before, or of a long-running machine",
    },
    monitor: { type: "boolean", summary: "The log of the process that runs the machine instead" },
    raw: { type: "boolean", summary: "Keep colours and cursor movements, as the guest wrote them" },
  },
  problems: (values) => [
    ...nameProblems(values),
    ...(values["previous"] === true && values["monitor"] === true
      ? ["--previous and --monitor exclude each other"]
      : []),
  ],
  async run({ options, untilInterrupted }) {
    const { name, folder } = await existingMachineOf(options);
    const which = options["monitor"] === true ? files.monitorLog : files.console;
    const path = join(folder, options["previous"] === true ? files.previousConsole : which);
    if (!existsSync(path)) throw new Fault("no-log", `Machine "${name}" has no such log yet`);
    const plain = plainTextStream();
    const shown = (chunk: Uint8Array): string | Uint8Array => (options["raw"] === true ? chunk : plain(chunk));
    if (options["follow"] !== true) {
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) await written(shown(chunk));
      return 0;
    }
    const more = async (): Promise<boolean> => (await readRunning(folder)) !== undefined;
    await follow(path, { signal: untilInterrupted(), more, write: (chunk) => void process.stdout.write(shown(chunk)) });
    return 0;
  },
};

/** Waits for the reader: a log can be larger than what should lie in memory. */
function written(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (problem) => (problem ? reject(problem) : resolve()));
  });
}
