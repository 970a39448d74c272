/**
 * From outside data to pairs of full name and value, checked against the model: all problems at once, each with its
 * path. Contracts sections 2.4 and 14.1.
 *
 * One rule for what is empty: a `null` and an empty object say nothing, wherever they stand, and change nothing: the
 * key is as if it had not been given. An empty list and an empty text are values. Nothing is removed by being given
 * empty; removing is an operation of its own. Inside a list there is no `null`.
 */
import type * as z from "zod";
import type { Problem } from "../fault.ts";
import { formatKey, keyOf } from "../key.ts";
import { isTree, type SettingValue, type Tree, treeOf } from "../tree.ts";
import type { AnyDefinition } from "./definition.ts";
import { elsewhere, isVariantOf } from "./elsewhere.ts";
import { memberOf, SETTINGS } from "./look-up.ts";
import { anyModel } from "./model.ts";
import { nearest } from "./nearest.ts";
import { problemOf, shownPath, wrongValue } from "./problem.ts";

export type Decoded = { readonly pairs: ReadonlyMap<string, SettingValue>; readonly problems: readonly Problem[] };

export type DecodeOptions = {
  /** The variant that the settings are for; without it those of every variant are taken. */
  readonly variant?: string | undefined;
};

/** Problems that are listed; a hostile body must not make an endless answer. */
const MAX_PROBLEMS = 100;

/** Reads a settings object (without the outer `settings`). `pairs` is complete only when `problems` is empty. */
export function decodeSettings(body: unknown, options: DecodeOptions = {}): Decoded {
  const found: Found = { pairs: new Map(), problems: [], more: 0, variant: options.variant };
  if (isTree(body)) decode([SETTINGS], anyModel, body, found);
  else found.problems.push(wrongValue(SETTINGS, "must be an object", body));
  const { pairs, problems, more } = found;
  if (more > 0) problems.push({ path: SETTINGS, message: `and ${more} more problems` });
  return { pairs, problems };
}

/** Reads one pair: the segments of a key, the outer `settings` among them, and its value or all that is below it. */
export function decodePair(
  segments: readonly string[],
  value: SettingValue | Tree,
  options: DecodeOptions = {},
): Decoded {
  const [outer, ...rest] = segments;
  if (outer === SETTINGS && rest.length > 0) return decodeSettings(treeOf([[rest, value]]), options);
  const problem = { path: shownPath(segments), message: "is not the name of a setting" };
  return { pairs: new Map(), problems: [problem] };
}

type Found = {
  readonly pairs: Map<string, SettingValue>;
  readonly problems: Problem[];
  more: number;
  readonly variant: string | undefined;
};

function decode(at: readonly string[], definition: AnyDefinition, value: unknown, found: Found): void {
  if (definition.kind === "setting") {
    take(at, definition.schema, value, found);
    return;
  }
  if (!isTree(value)) {
    add(found, () => wrongValue(shownPath(at), "must be an object", value));
    return;
  }
  for (const [given, member] of Object.entries(value)) {
    const name = ownName(definition, given);
    const path = [...at, name];
    const next = memberOf(definition, name);
    if (name !== given && Object.hasOwn(value, name)) add(found, () => givenTwice([...at, given], name));
    else if (next === undefined) refuseName(path, definition, found);
    else if (!isHere(next, found)) add(found, () => absent(path, next.variants ?? []));
    else if (member !== null && member !== undefined) decode(path, next, member, found);
  }
}

function ownName(definition: AnyDefinition, given: string): string {
  const aliases = definition.kind === "group" ? definition.aliases : undefined;
  return aliases !== undefined && Object.hasOwn(aliases, given) ? (aliases[given] ?? given) : given;
}

function givenTwice(path: readonly string[], name: string): Problem {
  return { path: shownPath(path), message: `is another name of "${name}", which is given as well; give one of them` };
}

function isHere({ variants }: AnyDefinition, { variant }: Found): boolean {
  return variants === undefined || variant === undefined || isVariantOf(variant, variants);
}

function absent(path: readonly string[], variants: readonly string[]): Problem {
  return { path: shownPath(path), message: `is not a setting of this variant; it is one of ${variants.join(" and ")}` };
}

function refuseName(path: readonly string[], definition: AnyDefinition, found: Found): void {
  if (definition.kind === "group") {
    add(found, () => unknownMember(path, Object.keys(definition.members)));
    return;
  }
  if (definition.kind === "setting") return;
  const name = path.at(-1) ?? "";
  for (const issue of definition.memberName.safeParse(name).error?.issues ?? []) {
    add(found, () => {
      const wanted = `the name ${issue.message}`;
      return { path: shownPath(path), message: wanted, wanted, got: shownPath([name]) };
    });
  }
}

function take(at: readonly string[], schema: z.ZodType<SettingValue>, value: unknown, found: Found): void {
  const key = keyOf(at);
  if (!key.ok) {
    add(found, () => ({ path: shownPath(at), message: key.fault.message }));
    return;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    found.pairs.set(formatKey(at), parsed.data);
    return;
  }
  for (const issue of parsed.error.issues) add(found, () => problemOf(at, issue, value));
}

/** Beyond what is listed a problem is counted and nothing is spent on its wording. */
function add(found: Found, problem: () => Problem): void {
  if (found.problems.length < MAX_PROBLEMS) found.problems.push(problem());
  else found.more += 1;
}

function unknownMember(path: readonly string[], known: readonly string[]): Problem {
  const name = path.slice(1).join(".");
  const variants = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  if (variants !== undefined) return absent(path, variants);
  const meant = nearest(path.at(-1) ?? "", known);
  const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean "${meant}"?`;
  return { path: shownPath(path), message: `is not a setting; ${hint}` };
}
