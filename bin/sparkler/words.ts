/**
 * Reading a command's options and operands with every problem told at once, where base/command.ts stops at the first.
 */
import { parseArgs } from "node:util";
import type { OptionSpec, Values } from "../../base/command.ts";
import { nearest } from "./nearest.ts";
import type { OperatorCommand } from "./operator-command.ts";

export type Words = {
  readonly values: Values;
  readonly args: readonly string[];
  readonly help: boolean;
  readonly problems: readonly string[];
};

export function readWords(command: OperatorCommand, argv: readonly string[]): Words {
  const specs: Readonly<Record<string, OptionSpec>> = {
    ...command.options,
    help: { type: "boolean", short: "h", summary: "" },
  };
  const values = new Map<string, string | boolean | readonly (string | boolean)[]>();
  const args: string[] = [];
  const problems: string[] = [];
  for (const token of tokensOf(specs, argv)) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const before = values.get(name);
    const many = specs[name]?.multiple === true;
    const twice = before !== undefined && !many ? `Option "${rawName}" is given twice` : undefined;
    const problem = judge(specs, token) ?? twice;
    if (problem !== undefined) problems.push(problem);
    else values.set(name, many ? [...(Array.isArray(before) ? before : []), value ?? true] : (value ?? true));
  }
  const most = command.maxArgs ?? (command.operands === undefined ? 0 : Number.POSITIVE_INFINITY);
  if (args.length > most) problems.push(`Too many operands: ${args.slice(most).join(" ")}`);
  if (args.length < (command.minArgs ?? 0)) problems.push(`Missing: ${command.operands ?? "an operand"}`);
  const read = Object.fromEntries(values);
  const wrong = command.problems?.(read) ?? [];
  return { values: read, args, help: values.get("help") === true, problems: [...problems, ...wrong] };
}

type OptionToken = {
  readonly kind: "option";
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
};
type Token =
  | OptionToken
  | { readonly kind: "positional"; readonly value: string }
  | { readonly kind: "option-terminator" };

function tokensOf(specs: Readonly<Record<string, OptionSpec>>, argv: readonly string[]): readonly Token[] {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [name, { type, ...(short === undefined ? {} : { short }) }]),
  );
  return parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true }).tokens;
}

function judge(specs: Readonly<Record<string, OptionSpec>>, token: OptionToken): string | undefined {
  const { rawName, value } = token;
  const spec = specs[token.name];
  if (spec === undefined) {
    const near = nearest(token.name, Object.keys(specs));
    return `No option "${rawName}"${near === undefined ? "" : `; did you mean "--${near}"?`}`;
  }
  if (spec.type === "boolean") return value === undefined ? undefined : `Option "${rawName}" takes no value`;
  // What looks like an option was hardly meant as a value; "--name=--x" says so if it was.
  const missing = value === undefined || (token.inlineValue !== true && /^-./.test(value));
  return missing ? `Option "${rawName}" needs a value: ${spec.value ?? "VALUE"}` : undefined;
}
