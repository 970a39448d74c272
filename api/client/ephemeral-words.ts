/**
 * The words after `ephemeral-storage`, contracts section 6.2: they have options of their own, some of which take several
 * words or mean something else elsewhere.
 */
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import type { EphemeralRequest } from "./requests.ts";

/** As written → its name. */
const own: Readonly<Record<string, string>> = {
  "-t": "filesystem",
  "--filesystem": "filesystem",
  "--disks": "disks",
  "--dirs": "dirs",
  "-f": "format",
  "--format": "format",
};

/** Verb → the options that it has. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  init: ["filesystem", "disks"],
  bind: ["dirs"],
  "list-disks": ["format"],
  "list-dirs": ["format"],
};

export function isEphemeralOption(word: string): boolean {
  return Object.hasOwn(own, nameOf(word));
}

export function readEphemeral(words: readonly string[]): Result<EphemeralRequest, "usage"> {
  const [verb = "", ...rest] = words;
  const allowed = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (allowed === undefined) {
    return usage(`"ephemeral-storage" needs one of ${Object.keys(verbs).join(", ")}, got "${verb}"`);
  }
  const lists = new Map<string, string[]>();
  let at: string[] | undefined;
  for (const word of rest) {
    if (isEphemeralOption(word)) {
      const name = own[nameOf(word)] ?? "";
      if (!allowed.includes(name)) return usage(`Option "${nameOf(word)}" is not one of "ephemeral-storage ${verb}"`);
      at = lists.get(name) ?? [];
      lists.set(name, at);
      if (word.includes("=")) at.push(word.slice(word.indexOf("=") + 1));
    } else if (at === undefined) return usage(`"ephemeral-storage ${verb}" takes options only, got "${word}"`);
    else at.push(word);
  }
  return requestOf(verb, lists);
}

function requestOf(verb: string, lists: ReadonlyMap<string, readonly string[]>): Result<EphemeralRequest, "usage"> {
  const empty = [...lists].find(([, values]) => values.length === 0);
  if (empty !== undefined) return usage(`Option "--${empty[0]}" needs a value`);
  const long = [...lists].find(([name, values]) => !["disks", "dirs"].includes(name) && values.length > 1);
  if (long !== undefined) return usage(`Option "--${long[0]}" takes one value`);
  if (verb === "init") {
    const [type] = lists.get("filesystem") ?? [];
    if (type !== undefined && type !== "xfs" && type !== "ext4") {
      return usage(`No file system "${type}": wanted xfs or ext4`);
    }
    return ok({ kind: "init", fileSystem: type, disks: lists.get("disks") });
  }
  if (verb === "bind") {
    const dirs = lists.get("dirs");
    return dirs === undefined ? usage('"ephemeral-storage bind" needs --dirs') : ok({ kind: "bind", dirs });
  }
  const [format = "text"] = lists.get("format") ?? [];
  if (format !== "text" && format !== "json") return usage(`No format "${format}": wanted text or json`);
  return ok({ kind: "list", what: verb === "list-disks" ? "list-disks" : "list-dirs", format });
}

function nameOf(word: string): string {
  return word.startsWith("--") && word.includes("=") ? word.slice(0, word.indexOf("=")) : word;
}

function usage(message: string): Result<never, "usage"> {
  return fail(new Fault("usage", message));
}
