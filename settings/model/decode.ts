/**
 * From outside data to pairs of full name and value, checked against the model: all problems at once, each with its
 * path. A `null` member means "not given". Contracts sections 2.4 and 14.1.
 */
import type * as z from "zod";
import { formatKey, keyOf } from "../key.ts";
import type { Problem } from "../fault.ts";
import { isTree, type SettingValue } from "../tree.ts";
import type { AnyDefinition } from "./definition.ts";
import { SETTINGS } from "./describe.ts";
import { anyModel } from "./model.ts";
import { nearest } from "./nearest.ts";

export type Decoded = { readonly pairs: ReadonlyMap<string, SettingValue>; readonly problems: readonly Problem[] };

/** Problems that are listed; a hostile body must not make an endless answer. */
const MAX_PROBLEMS = 100;

/** Reads a settings object (without the outer `settings`). `pairs` is complete only when `problems` is empty. */
export function decodeSettings(body: unknown): Decoded {
  const found: Found = { pairs: new Map(), problems: [] };
  decode([SETTINGS], anyModel, body, found);
  const more = found.problems.length - MAX_PROBLEMS;
  if (more <= 0) return found;
  const rest = { path: SETTINGS, message: `and ${more} more problems` };
  return { pairs: found.pairs, problems: [...found.problems.slice(0, MAX_PROBLEMS), rest] };
}

type Found = { readonly pairs: Map<string, SettingValue>; readonly problems: Problem[] };

function decode(at: readonly string[], definition: AnyDefinition, value: unknown, found: Found): void {
  if (value === null || value === undefined) {
    if (at.length === 1) found.problems.push({ path: SETTINGS, message: "must be an object" });
    return;
  }
  if (definition.kind === "setting") {
    take(at, definition.schema, value, found);
    return;
  }
  if (!isTree(value)) {
    found.problems.push({ path: formatKey(at), message: "must be an object" });
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === null || member === undefined) {
      if (definition.kind !== "group" || Object.hasOwn(definition.members, name)) continue;
    }
    if (definition.kind === "map") {
      decodeMember(at, name, { definition, member }, found);
    } else {
      const next = Object.hasOwn(definition.members, name) ? definition.members[name] : undefined;
      if (next === undefined) found.problems.push(unknownMember(at, name, Object.keys(definition.members)));
      else decode([...at, name], next, member, found);
    }
  }
}

type MapMember = { readonly definition: Extract<AnyDefinition, { kind: "map" }>; readonly member: unknown };

function decodeMember(at: readonly string[], name: string, { definition, member }: MapMember, found: Found): void {
  const path = [...at, name];
  const named = definition.memberName.safeParse(name);
  if (!named.success) {
    for (const issue of named.error.issues) {
      found.problems.push({ path: shownPath(path), message: `the name ${issue.message}` });
    }
    return;
  }
  take(path, definition.schema, member, found);
}

function take(at: readonly string[], schema: z.ZodType, value: unknown, found: Found): void {
  const key = keyOf(at);
  if (!key.ok) {
    found.problems.push({ path: shownPath(at), message: key.fault.message });
    return;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    found.pairs.set(formatKey(at), parsed.data as SettingValue);
    return;
  }
  for (const issue of parsed.error.issues) {
    const inside = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
    found.problems.push({ path: `${formatKey(at)}${inside}`, message: issue.message });
  }
}

function unknownMember(at: readonly string[], name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean "${meant}"?`;
  return { path: shownPath([...at, name]), message: `is not a setting; ${hint}` };
}

/** A path that may hold anything a client sent: cut, and printable. */
function shownPath(segments: readonly string[]): string {
  const name = JSON.stringify(formatKey(segments).slice(0, 300)).slice(1, -1).replaceAll('\\"', '"');
  return name;
}
