/** `sparkler console`: what the machine writes, as it writes it. Nothing can be typed: there is no login. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { plainTextStream } from "../../machine/console-text.ts";
import { follow } from "../../machine/follow.ts";
import { files } from "../../machine/paths.ts";
import { readRunning } from "../../machine/records.ts";
import { existingMachineOf, sparkler } from "./machine-of.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { nameOption, nameProblems } from "./options.ts";

export const command: OperatorCommand = {
  summary:
    "Watch a machine's console: what it has written since it was started, then what it writes. Ctrl-C leaves it.",
  options: {
    name: nameOption,
    raw: { type: "boolean", summary: "Keep colours and cursor movements, as the guest wrote them" },
  },
  help: "The machine goes on running. Nothing can be typed: the system has no login.",
  problems: nameProblems,
  async run({ options, untilInterrupted }) {
    const { name, folder } = await existingMachineOf(options);
    const signal = untilInterrupted();
    const running = async (): Promise<boolean> => (await readRunning(folder)) !== undefined;
    process.stderr.write(`Console of "${name}"; Ctrl-C leaves it\n`);
    const path = join(folder, files.console);
    const plain = plainTextStream();
    const write = (chunk: Uint8Array): void =>
      void process.stdout.write(options["raw"] === true ? chunk : plain(chunk));
    await follow(path, { signal, more: running, write });
    if (signal.aborted) return 0;
    const next = sparkler(name, "up");
    process.stderr.write(
      `Machine "${name}" is stopped${existsSync(path) ? "" : ` and was never started`}; try ${next}\n`,
    );
    return 0;
  },
};
