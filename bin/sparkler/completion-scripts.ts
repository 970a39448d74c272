/** The scripts that shells complete with. Every word that goes into one is quoted for it. */

export type CompletionEntry = {
  /** The words before, without the program's name. */
  readonly at: readonly string[];
  readonly words: readonly { readonly word: string; readonly summary: string }[];
};

/** Words before that are options do not count; the longest sequence that the table has decides. */
export function bash(entries: readonly CompletionEntry[]): string {
  const cases = entries.map(({ at, words }) => {
    const list = words.map(({ word }) => word).join(" ");
    return `    ${quote(at.join(" "))}) words=${quote(list)} ;;`;
  });
  return `# Completions of sparkler for bash, made by "sparkler completion bash".
_sparkler_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_sparkler() {
  local words="" path="" word next
  local current="\${COMP_WORDS[COMP_CWORD]}"
  _sparkler_words ""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    next="\${path:+$path }$word"
    if _sparkler_words "$next"; then path="$next"; fi
  done
  _sparkler_words "$path"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
  if [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *= ]]; then compopt -o nospace; fi
}
complete -F _sparkler sparkler ./sparkler
`;
}

/** A subscript whose offset or length begins with a letter is a modifier to zsh, which `zsh -n` does not see. */
export function zsh(entries: readonly CompletionEntry[]): string {
  const cases = entries.map(({ at, words }) => {
    const list = words.map(({ word, summary }) => quote(`${word.replaceAll(":", "\\:")}:${summary}`)).join(" ");
    return `    ${quote(at.join(" "))}) found=(${list}) ;;`;
  });
  return `#compdef sparkler
# Completions of sparkler for zsh, made by "sparkler completion zsh".
_sparkler_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_sparkler() {
  local -a found
  local at="" word next
  _sparkler_words ""
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    case "$word" in -*) continue ;; esac
    next="\${at:+$at }$word"
    if _sparkler_words "$next"; then at="$next"; fi
  done
  _sparkler_words "$at"
  _describe -t words word found -S "" || _files
}
if [[ "$funcstack[1]" == "_sparkler" ]]; then _sparkler "$@"; else compdef _sparkler sparkler; fi
`;
}

export function fish(entries: readonly CompletionEntry[]): string {
  const lines = entries.flatMap(({ at, words }) =>
    words.map(({ word, summary }) => {
      const when = quote(`__sparkler_at ${at.join(" ")}`.trimEnd());
      return `complete -c sparkler -n ${when} -a ${quote(word)} -d ${quote(summary)}`;
    }),
  );
  // Nothing but options can follow these words, or operands of which most are files.
  const leaves = entries.filter(({ words }) => words.every(({ word }) => word.startsWith("-")));
  const files = leaves.map(({ at }) => `complete -c sparkler -n ${quote(`__sparkler_at ${at.join(" ")}`)} -F`);
  const known = entries.map(({ at }) => quote(at.join(" "))).join(" ");
  return `# Completions of sparkler for fish, made by "sparkler completion fish".
function __sparkler_at
    set -l known ${known}
    set -l path ""
    for word in (commandline -opc)[2..]
        string match -q -- "-*" $word; and continue
        set -l next (string trim -- "$path $word")
        contains -- $next $known; and set path $next
    end
    test "$path" = "$argv"
end
complete -c sparkler -f
${[...files, ...lines].join("\n")}
`;
}

/** One word of a shell, whatever is in it; all three take it so. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
