/**
 * What a version leaves to the one that it was updated from, in the terms of that one, for the case that the machine goes
 * back: every change of settings since the update. It is kept with each commit, since the older version knows nothing of the
 * newer one's migrations. Pure but for reading it from a copy of the store.
 */
import * as z from "zod";
import { differences } from "../history/difference.ts";
import type { State } from "../history/state.ts";
import type { Batch, Edit, Notes } from "../store/batch.ts";
import { originOf, type OriginKind, type ValueOrigin } from "../store/generation.ts";
import type { LiveValue } from "../store/schema.ts";
import type { SettingValue } from "../tree.ts";
import { settingValueSchema } from "../value-schema.ts";
import { carry } from "./carry.ts";
import { type Migration, planMigration, type Values } from "./migration.ts";
import type { Origin } from "./origin.ts";

const NOTE = "hand-back";

/** For a new store: it has nothing to hand back, whatever the one that it was copied from had. */
export const noHandBack: Notes = new Map([[NOTE, undefined]]);

/** A change to be made in the older version; without a value the key is to be removed. */
export type HandedEdit = { readonly name: string; readonly value?: SettingValue; readonly origin?: ValueOrigin };

export type HandBack = {
  /** Of the newer version, so that numbers go on from there. */
  readonly generation: number;
  readonly edits: readonly HandedEdit[];
};

export type HandBackPorts = {
  readonly live: ReadonlyMap<string, LiveValue>;
  readonly origin: Origin;
  readonly version: string;
  readonly migrations: readonly Migration[];
};

/** Adds to a batch that is about to be written what the older version is to know once it is. */
export function noteHandBack(batch: Batch, { live, origin, version, migrations }: HandBackPorts): void {
  if (batch.generations.length === 0) return;
  const backward = planMigration(version, origin.version, migrations);
  const now = new Map<string, Edit>();
  for (const name of new Set([...live.keys(), ...batch.touched.keys()])) {
    const found = batch.get(name);
    if (found !== undefined) now.set(name, { value: found.value, origin: originOf(found.source) });
  }
  const before = carry(asState(origin.values), backward);
  const after = carry(now, backward);
  const edits = differences(before, after).map(({ key: name, to }): HandedEdit => {
    const from = after.get(name)?.origin;
    return { name, ...(to === undefined ? {} : { value: to }), ...(from === undefined ? {} : { origin: from }) };
  });
  batch.notes.set(NOTE, JSON.stringify({ generation: batch.generation, edits }));
}

function asState(values: Values): State {
  return new Map([...values].map(([name, value]) => [name, { value, origin: { kind: "default" } }]));
}

/** Undefined where there is none, or one that cannot be read. */
export function handBackIn(notes: ReadonlyMap<string, string>): HandBack | undefined {
  const text = notes.get(NOTE);
  if (text === undefined) return undefined;
  const value = settingValueSchema();
  const kinds: readonly OriginKind[] = ["default", "generator", "user-data", "api"];
  const origin = z.strictObject({ kind: z.enum(kinds), detail: z.exactOptional(z.string()) });
  const edit = z.strictObject({ name: z.string(), value: z.exactOptional(value), origin: z.exactOptional(origin) });
  const form = z.strictObject({ generation: z.int(), edits: z.array(edit) });
  const parsed = form.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
