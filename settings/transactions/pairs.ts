/**
 * Settings as `key=value` texts. Contracts section 5.4: split at the first `=`, the outer `settings` may be left out,
 * the value is guessed as list or object (in JSON; our own), boolean, whole number, number, text. Here the model has its
 * say: the first guess that it takes is the value, so that `motd=42` is a text.
 */
import type { Problem } from "../fault.ts";
import { formatKey, parseKey } from "../key.ts";
import { decodePair, type Decoded, type DecodeOptions } from "../model/decode.ts";
import { SETTINGS } from "../model/describe.ts";
import { shownValue } from "../model/problem.ts";
import { isTree, type ListItem, type SettingValue, type Tree } from "../tree.ts";

const HINT = "; a list or an object has to be given as JSON";
const OTHER_TYPE = /^must be (?:an? (?:string|number|list|object)|true or false)$/;

/** All pairs, or all problems; those in `unreadable` are not `key=value` at all. */
export function decodePairs(
  texts: readonly string[],
  options: DecodeOptions = {},
): Decoded & { readonly unreadable: readonly Problem[] } {
  const pairs = new Map<string, SettingValue>();
  const problems: Problem[] = [];
  const unreadable: Problem[] = [];
  for (const text of texts) {
    const split = splitPair(text);
    if ("message" in split) {
      unreadable.push(split);
      continue;
    }
    if (pairs.has(formatKey(split.segments))) {
      problems.push({ path: formatKey(split.segments), message: "is given twice" });
      continue;
    }
    const tries = guesses(split.value).map((guess) => decodePair(split.segments, guess, options));
    const taken = tries.find((decoded) => decoded.problems.length === 0);
    if (taken !== undefined) {
      for (const name of taken.pairs.keys())
        if (pairs.has(name)) problems.push({ path: name, message: "is given twice" });
      for (const [name, value] of taken.pairs) pairs.set(name, value);
    } else problems.push(...problemsOf(split.value, tries));
  }
  return { pairs, problems, unreadable };
}

/** What is wrong by the guess that comes closest: one of the wanted type, a list or an object as it was given, the text. */
function problemsOf(text: string, tries: readonly Decoded[]): readonly Problem[] {
  const closest = tries.find(({ problems }) => !problems.some(({ wanted }) => OTHER_TYPE.test(wanted ?? "")));
  if (closest !== undefined) return closest.problems;
  if (readJson(text) !== undefined) return tries[0]?.problems ?? [];
  return (tries.at(-1)?.problems ?? []).map((problem) => withHint(problem));
}

function splitPair(text: string): Problem | { readonly segments: readonly string[]; readonly value: string } {
  const at = text.indexOf("=");
  if (at === -1) return { path: SETTINGS, message: `must be key=value, got ${shownValue(text)}` };
  const key = parseKey(text.slice(0, at));
  if (!key.ok) return { path: SETTINGS, message: key.fault.message };
  const segments = key.value[0] === SETTINGS ? key.value : [SETTINGS, ...key.value];
  return { segments, value: text.slice(at + 1) };
}

/** What a text may mean, the text itself last. Lists and objects are written as JSON; what they hold, the model says. */
function guesses(text: string): readonly (SettingValue | Tree)[] {
  const found: (SettingValue | Tree)[] = [];
  const read = readJson(text);
  if (read !== undefined) found.push(read);
  if (text === "true" || text === "false") found.push(text === "true");
  const isNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text);
  if (isNumber && Number.isFinite(Number(text))) found.push(Number(text));
  return [...found, text];
}

function readJson(text: string): readonly ListItem[] | Tree | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.every(isItem) ? value : undefined;
    return isGroup(value) ? value : undefined;
  } catch {
    return undefined; // a text that begins with a bracket
  }
}

function isGroup(value: unknown): value is Tree {
  return isTree(value) && Object.values(value).every((member) => isValue(member) || isGroup(member));
}

function isItem(value: unknown): value is ListItem {
  return isTree(value) ? Object.values(value).every(isValue) : isValue(value);
}

function isValue(value: unknown): value is SettingValue {
  if (Array.isArray(value)) return value.every(isItem);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function withHint(problem: Problem): Problem {
  const isHinted = /^must be an? (?:list|object)\b/.test(problem.wanted ?? "");
  return isHinted ? { ...problem, message: `${problem.message}${HINT}` } : problem;
}
