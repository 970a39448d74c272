/**
 * Running one command of the operator: usage errors all at once, faults as a sentence, an interruption as what it is.
 * Exit codes: 0 done, 1 failed, 2 used wrongly, 128 and the signal's number when interrupted.
 */
import { helpText } from "../../base/command.ts";
import { createLog } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import { Interruption } from "./interruption.ts";
import type { OperatorCommand } from "./operator-command.ts";
import { readWords } from "./words.ts";

/** Runs `command`, called `name`, on `argv` and returns the exit status. */
export async function runOperator(name: string, command: OperatorCommand, argv: readonly string[]): Promise<number> {
  const words = readWords(command, argv);
  if (words.help) {
    process.stdout.write(helpText({ ...command, name, run: () => Promise.resolve(0) }));
    return 0;
  }
  if (words.problems.length > 0) {
    const lines = words.problems.map((problem) => `${name}: ${problem}\n`).join("");
    process.stderr.write(`${lines}Try "${name} --help".\n`);
    return 2;
  }
  using interruption = new Interruption();
  try {
    return await command.run({
      options: words.values,
      args: words.args,
      log: createLog({ component: name }),
      untilInterrupted: () => interruption.watch(),
    });
  } catch (thrown) {
    if (interruption.status !== undefined) {
      process.stderr.write(`${name}: Interrupted\n`);
      return interruption.status;
    }
    if (!(thrown instanceof Fault)) throw thrown;
    process.stderr.write(`${name}: ${thrown.message}\n`);
    return 1;
  }
}
