/**
 * `sparkler completion SHELL`: completions made from the tree of commands, the options of each, and the names of the
 * settings. The script is a table and a few lines that look things up in it, so that no shell starts a program per key.
 */
import { Fault } from "../../base/result.ts";
import { options as apiOptions, optionsOf as apiCommands } from "../../api/client/options.ts";
import { formatKey } from "../../settings/key.ts";
import { allSettings } from "../../settings/model/describe.ts";
import { bash, type CompletionEntry, fish, zsh } from "./completion-scripts.ts";
import type { OperatorCommand } from "./operator-command.ts";
import type { Group } from "./tree.ts";

const scripts = { bash, zsh, fish } as const;

export const command: OperatorCommand = {
  summary: "Print completions for a shell.",
  operands: "bash|zsh|fish",
  minArgs: 1,
  maxArgs: 1,
  options: {},
  help: `  source <(sparkler completion bash)
  sparkler completion zsh > "\${fpath[1]}/_sparkler"
  sparkler completion fish > ~/.config/fish/completions/sparkler.fish`,
  async run({ args: [shell = ""] }) {
    const script = Object.entries(scripts).find(([name]) => name === shell)?.[1];
    if (script === undefined)
      throw new Fault("unknown-shell", `No completions for "${shell}"; there are: bash, zsh, fish`);
    const { root } = await import("./tree.ts");
    process.stdout.write(script(await completionEntries(root)));
    return 0;
  },
};

/** What may follow each sequence of words, and the words themselves. */
export async function completionEntries(group: Group, at: readonly string[] = []): Promise<readonly CompletionEntry[]> {
  const visible = Object.entries(group.words).filter(([, word]) => word.kind !== "command" || word.hidden !== true);
  const own = { at, words: visible.map(([name, { summary }]) => ({ word: name, summary })) };
  const below = await Promise.all(
    visible.map(async ([name, word]): Promise<readonly CompletionEntry[]> => {
      const path = [...at, name];
      if (word.kind === "group") return completionEntries(word, path);
      if (word.kind === "passage") return apiEntries(path);
      const { options } = await word.load();
      const words = Object.entries(options).map(([option, { summary }]) => ({ word: `--${option}`, summary }));
      return [{ at: path, words: [...words, { word: "--help", summary: "Show help" }] }];
    }),
  );
  return [own, ...below.flat()];
}

/** The words of `apiclient`; names of settings after those that take them. */
function apiEntries(at: readonly string[]): readonly CompletionEntry[] {
  const names = allSettings().map(([key, { description }]) => ({ word: formatKey(key), summary: description }));
  const short = names.map(({ word, summary }) => ({ word: word.replace(/^settings\./, ""), summary }));
  const commands = Object.keys(apiCommands);
  const own = commands.map((word) => ({ word, summary: "" }));
  return [
    { at, words: own },
    ...commands.map((word) => ({
      at: [...at, word],
      words: [...namesFor(word, names, short), ...optionsFor(word)],
    })),
  ];
}

type Words = CompletionEntry["words"];

function namesFor(word: string, full: Words, short: Words): Words {
  if (word === "set") return short.map(({ word: name, summary }) => ({ word: `${name}=`, summary }));
  return ["get", "unset", "explain"].includes(word) ? full : [];
}

function optionsFor(command: string): Words {
  const allowed: readonly string[] = apiCommands[command] ?? [];
  return Object.entries(apiOptions)
    .filter(([written, { name }]) => written.startsWith("--") && allowed.includes(name))
    .map(([word]) => ({ word, summary: "" }));
}
