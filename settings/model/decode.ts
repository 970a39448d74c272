/**
 * From outside data to pairs of full name and value, checked against the model: all problems at once, each with its
 * path. A `null` member means "not given". Contracts sections 2.4 and 14.1.
 */
import type * as z from "zod";
import type { Problem } from "../fault.ts";
import { formatKey, keyOf } from "../key.ts";
import { isTree, type SettingValue, treeOf } from "../tree.ts";
import type { AnyDefinition } from "./definition.ts";
import { SETTINGS } from "./describe.ts";
import { anyModel } from "./model.ts";
import { nearest } from "./nearest.ts";
import { problemOf, shownPath, wrongValue } from "./problem.ts";

export type Decoded = { readonly pairs: ReadonlyMap<string, SettingValue>; readonly problems: readonly Problem[] };

/** Problems that are listed; a hostile body must not make an endless answer. */
const MAX_PROBLEMS = 100;

/** Reads a settings object (without the outer `settings`). `pairs` is complete only when `problems` is empty. */
export function decodeSettings(body: unknown): Decoded {
  const found: Found = { pairs: new Map(), problems: [], more: 0 };
  if (isTree(body)) decode([SETTINGS], anyModel, body, found);
  else found.problems.push(wrongValue(SETTINGS, "must be an object", body));
  const { pairs, problems, more } = found;
  if (more > 0) problems.push({ path: SETTINGS, message: `and ${more} more problems` });
  return { pairs, problems };
}

/** Reads one pair: the segments of a key, the outer `settings` among them, and its value. */
export function decodePair(segments: readonly string[], value: SettingValue): Decoded {
  const [outer, ...rest] = segments;
  if (outer === SETTINGS && rest.length > 0) return decodeSettings(treeOf([[rest, value]]));
  const problem = { path: shownPath(segments), message: "is not the name of a setting" };
  return { pairs: new Map(), problems: [problem] };
}

type Found = { readonly pairs: Map<string, SettingValue>; readonly problems: Problem[]; more: number };

function decode(at: readonly string[], definition: AnyDefinition, value: unknown, found: Found): void {
  if (definition.kind === "setting") {
    take(at, definition.schema, value, found);
    return;
  }
  if (!isTree(value)) {
    add(found, () => wrongValue(shownPath(at), "must be an object", value));
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const given = member !== null && member !== undefined;
    if (definition.kind === "map") {
      if (given) decodeMember([...at, name], definition, member, found);
    } else {
      const next = Object.hasOwn(definition.members, name) ? definition.members[name] : undefined;
      if (next === undefined) add(found, () => unknownMember(at, name, Object.keys(definition.members)));
      else if (given) decode([...at, name], next, member, found);
    }
  }
}

type MapDefinition = Extract<AnyDefinition, { kind: "map" }>;

function decodeMember(path: readonly string[], definition: MapDefinition, member: unknown, found: Found): void {
  const name = path.at(-1);
  const named = definition.memberName.safeParse(name);
  if (named.success) {
    take(path, definition.schema, member, found);
    return;
  }
  for (const issue of named.error.issues) {
    add(found, () => {
      const wanted = `the name ${issue.message}`;
      return { path: shownPath(path), message: wanted, wanted, got: shownPath([name ?? ""]) };
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

function unknownMember(at: readonly string[], name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean "${meant}"?`;
  return { path: shownPath([...at, name]), message: `is not a setting; ${hint}` };
}
