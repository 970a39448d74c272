/**
 * From words to the command they name. A `--name` may stand before the command's word and then counts as if it stood
 * after it; `help WORD` is the same as `WORD --help`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { repository } from "./folders.ts";
import { nearest } from "./nearest.ts";
import { runOperator } from "./run-operator.ts";
import type { Group, Word } from "./tree.ts";

export type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void };

const standard: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** Runs `argv` from `group` on and returns the exit status. */
export async function dispatch(group: Group, argv: readonly string[], output: Output = standard): Promise<number> {
  const { name, rest } = leadingName(argv);
  const [word = "", ...after] = rest;
  if (word === "" || word === "--help" || word === "-h") {
    output.out(groupHelp(group));
    return 0;
  }
  if (word === "--version") {
    output.out(`${group.name} ${await version()}\n`);
    return 0;
  }
  if (word === "help") return dispatch(group, [...after, "--help"], output);
  const found = group.words[word];
  if (found === undefined) {
    output.err(unknown(group, word));
    return 2;
  }
  return follow(found, `${group.name} ${word}`, [...name, ...after], output);
}

async function follow(found: Word, name: string, argv: readonly string[], output: Output): Promise<number> {
  if (found.kind === "group") return dispatch(found, argv, output);
  if (found.kind === "passage") return (await found.load())(argv);
  return runOperator(name, await found.load(), argv);
}

/** A `--name` before the first word, as the words that it is given in, and what follows. */
function leadingName(argv: readonly string[]): { readonly name: readonly string[]; readonly rest: readonly string[] } {
  const count = argv[0] === "--name" ? 2 : argv[0]?.startsWith("--name=") === true ? 1 : 0;
  return { name: argv.slice(0, count), rest: argv.slice(count) };
}

function unknown(group: Group, word: string): string {
  const what = word.startsWith("-") ? "option" : "command";
  const shown = visible(group).map(([name]) => name);
  const near = what === "option" ? undefined : nearest(word, shown);
  const hint = near === undefined ? `There are: ${shown.join(", ")}` : `Did you mean "${near}"?`;
  return `${group.name}: No ${what} "${word}"\n${hint}\nTry "${group.name} --help".\n`;
}

function groupHelp(group: Group): string {
  const words = visible(group);
  const width = Math.max(...words.map(([name]) => name.length)) + 2;
  const rows = words.map(([name, word]) => `  ${name.padEnd(width)}${word.summary}\n`).join("");
  const more = `"${group.name} COMMAND --help" shows a command's options.`;
  return `Usage: ${group.name} COMMAND [OPTION…]\n\n${group.summary}\n\n${rows}\n${more}\n`;
}

function visible(group: Group): readonly (readonly [string, Word])[] {
  return Object.entries(group.words).filter(([, word]) => word.kind !== "command" || word.hidden !== true);
}

const packageSchema: z.ZodType<{ readonly version: string }> = z.object({ version: z.string() });

async function version(): Promise<string> {
  return packageSchema.parse(JSON.parse(await readFile(join(repository, "package.json"), "utf8"))).version;
}
