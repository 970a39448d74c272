/**
 * Command lines: a program exports one `Command` record; parsing, help text and usage errors are made from it here.
 * Exit codes everywhere: 0 done (also "nothing to do"), 1 failed, 2 used wrongly; others are listed by the program.
 */
import { parseArgs } from "node:util";
import { Fault, reason } from "./result.ts";
import type { Log } from "./log.ts";

export type OptionSpec = {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for the value in help, e.g. `FILE`. */
  readonly value?: string;
  readonly summary: string;
};

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export type Invocation = {
  readonly options: Values;
  readonly args: readonly string[];
  readonly log: Log;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** Words after the options, as shown in help, e.g. `FILE [OTHER]`. */
  readonly operands?: string;
  readonly minArgs?: number;
  readonly maxArgs?: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Further paragraphs of help. */
  readonly help?: string;
  /** Exit code of a usage error; 2 unless a contract says otherwise. */
  readonly usageExit?: number;
  readonly run: (invocation: Invocation) => Promise<number>;
};

const common: Readonly<Record<string, OptionSpec>> = {
  help: { type: "boolean", short: "h", summary: "Show this text" },
};

/** Runs `command` on `argv` and returns the exit code; faults become one line on standard error. */
export async function runCommand(command: Command, argv: readonly string[], log: Log): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      options: optionTable(command),
      allowPositionals: true,
      strict: true,
    });
    const count = parsed.positionals.length;
    const max = command.maxArgs ?? (command.operands === undefined ? 0 : Number.POSITIVE_INFINITY);
    if (parsed.values["help"] !== true && (count < (command.minArgs ?? 0) || count > max)) {
      throw new Error(`Got ${count} operand(s), wanted: ${command.operands ?? "none"}`);
    }
  } catch (cause) {
    process.stderr.write(`${command.name}: ${reason(cause)}\nTry "${command.name} --help".\n`);
    return command.usageExit ?? 2;
  }
  if (parsed.values["help"] === true) {
    process.stdout.write(helpText(command));
    return 0;
  }
  try {
    return await command.run({ options: parsed.values, args: parsed.positionals, log });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    log.error(thrown.message, thrown.details);
    return 1;
  }
}

/** The help of one command: usage, summary, options in the order they were declared. */
export function helpText(command: Command): string {
  const rows = Object.entries({ ...command.options, ...common }).map(([name, spec]) => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const value = spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : "";
    return [`  ${short}--${name}${value}`, spec.summary] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const operands = command.operands === undefined ? "" : ` ${command.operands}`;
  const options = rows.map(([left, right]) => `${left.padEnd(width)}${right}`).join("\n");
  const more = command.help === undefined ? "" : `\n${command.help.trim()}\n`;
  return `Usage: ${command.name} [OPTION…]${operands}\n\n${command.summary}\n\n${options}\n${more}`;
}

/** A string option's value, or undefined; arrays and booleans do not qualify. */
export function stringOption(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

type ParseOption = { type: "string" | "boolean"; short?: string; multiple?: boolean };

function optionTable(command: Command): Record<string, ParseOption> {
  const table: Record<string, ParseOption> = {};
  for (const [name, spec] of Object.entries({ ...command.options, ...common })) {
    table[name] = {
      type: spec.type,
      ...(spec.short === undefined ? {} : { short: spec.short }),
      ...(spec.multiple === undefined ? {} : { multiple: spec.multiple }),
    };
  }
  return table;
}
