/**
 * What a change would do, told before anything is touched: values, files with their differences, services and what is
 * run for them, and why a reboot would be needed. Pure: from the live settings, the edits, the model and the tables.
 */
import { type Difference, differences } from "../history/difference.ts";
import { shownPair } from "../history/shown.ts";
import type { State } from "../history/state.ts";
import { isSecret } from "../model/secret.ts";
import type { Settings } from "../model/settings.ts";
import { configurationFiles, services } from "../services/table.ts";
import type { Edits } from "../store/batch.ts";
import { treeOfNames } from "../transactions/transactions.ts";
import { planApply } from "../apply/plan.ts";
import { render } from "../render/render.ts";
import { planHash } from "./hash.ts";
import { diffOf } from "./file-diff.ts";

export type PlannedChange = Difference & {
  /** `same`: it is set to what it is already; its services are run all the same. */
  readonly kind: "add" | "change" | "remove" | "same";
};

export type PlannedFileChange = {
  readonly name: string;
  readonly path: string;
  /** Unified; lines that a secret value shapes are replaced. Empty when the file could not be rendered. */
  readonly diff: string;
  /** Why the file cannot be rendered: nothing would be written then. */
  readonly problem?: string;
};

export type PlannedEffect = {
  readonly name: string;
  /** The strongest that may be done to it (a unit that cannot reload is restarted); `run` is any other program. */
  readonly effect: "none" | "run" | "reload" | "restart";
  /** What is run, in order. */
  readonly commands: readonly (readonly string[])[];
};

export type ChangePlan = {
  /** Of `base` and the edits; `commit()` with `expect` refuses when it would differ. */
  readonly hash: string;
  /** The generation that it was made against. */
  readonly base: number;
  readonly changes: readonly PlannedChange[];
  /** Files that would differ, or cannot be rendered. */
  readonly files: readonly PlannedFileChange[];
  readonly services: readonly PlannedEffect[];
  /** Empty when everything takes effect at once. */
  readonly reboot: readonly string[];
};

/** `edits` as they would be committed: removals resolved. */
export function planChange(base: number, before: State, edits: Edits): ChangePlan {
  const after = new Map(before);
  for (const [name, edit] of edits) {
    if (edit === undefined) after.delete(name);
    else after.set(name, edit);
  }
  const [then, now] = [settingsOf(before), settingsOf(after)];
  const apply = planApply(now, [...edits.keys()]);
  return {
    hash: planHash(base, edits),
    base,
    changes: changesOf(before, after, edits),
    files: apply.files.flatMap(({ name }) => fileChange(name, before, after)),
    services: apply.services.map(({ name, commands }) => effectOf(name, commands)),
    reboot: apply.services.flatMap(({ name }) => services[name]?.reboot?.(then, now) ?? []),
  };
}

function changesOf(before: State, after: State, edits: Edits): PlannedChange[] {
  const different = new Map(differences(before, after).map((each) => [each.key, each]));
  return [...edits.keys()].sort().flatMap((key): PlannedChange[] => {
    const found = different.get(key);
    const value = after.get(key)?.value;
    if (found !== undefined) return [shownPair({ ...found, kind: kindOf(found) })];
    return value === undefined ? [] : [shownPair({ key, from: value, to: value, kind: "same" as const })];
  });
}

function kindOf({ from, to }: Difference): PlannedChange["kind"] {
  if (from === undefined) return "add";
  return to === undefined ? "remove" : "change";
}

function fileChange(name: string, before: State, after: State): PlannedFileChange[] {
  const file = configurationFiles[name];
  if (file === undefined) return [];
  const [from, to] = [render(file.template, settingsOf(before)), render(file.template, settingsOf(after))];
  const shown = { name, path: file.path };
  if (!to.ok) return [{ ...shown, diff: "", problem: to.fault.message }];
  const earlier = from.ok ? from.value : "";
  if (earlier === to.value) return [];
  const open = [before, after].map((state) => openLines(file.template, state));
  const isOpen =
    hasSecret(before) || hasSecret(after) ? (line: string) => open.some((set) => set.has(line)) : undefined;
  return [{ ...shown, diff: diffOf({ path: file.path, from: earlier, to: to.value, isOpen }) }];
}

/** The lines that a file has without any secret value: only these may be shown. */
function openLines(template: string, state: State): ReadonlySet<string> {
  const rendered = render(template, settingsOf(new Map([...state].filter(([name]) => !isSecret(name)))));
  return new Set(rendered.ok ? rendered.value.split("\n") : []);
}

function hasSecret(state: State): boolean {
  return [...state.keys()].some(isSecret);
}

function effectOf(name: string, commands: readonly (readonly string[])[]): PlannedEffect {
  const words = commands.flatMap(([program, verb]) =>
    program?.endsWith("/systemctl") === true ? [verb ?? ""] : ["run"],
  );
  const effect = words.some((verb) => verb.includes("restart"))
    ? "restart"
    : words.some((verb) => verb.includes("reload"))
      ? "reload"
      : words.length > 0
        ? "run"
        : "none";
  return { name, effect, commands };
}

function settingsOf(state: State): Settings {
  return treeOfNames([...state].map(([name, { value }]) => [name, value] as const));
}
