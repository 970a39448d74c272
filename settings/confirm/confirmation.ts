/**
 * A generation that waits to be confirmed, as the store keeps it: written in the transaction of the commit itself, with
 * everything that taking it back needs.
 */
import * as z from "zod";
import type { Edit, Edits } from "../store/batch.ts";
import type { Generation, OriginKind } from "../store/generation.ts";
import { settingValueSchema } from "../value-schema.ts";

/** The key of the note that holds it. */
export const CONFIRM_NOTE = "confirm";
/** Shorter ones would be over before a person has looked, longer ones are forgotten about. */
export const MIN_CONFIRM_MS = 1000;
export const MAX_CONFIRM_MS: number = 24 * 60 * 60 * 1000;

export type Confirmation = {
  readonly generation: number;
  /** The generation whose settings come back. */
  readonly base: number;
  readonly bootId: string;
  /** On the clock of that boot. */
  readonly deadlineMs: number;
  readonly undo: Edits;
};

/** Brings back what was before `made`. */
export function undoOf(made: Generation): Edits {
  const undo = new Map<string, Edit | undefined>();
  for (const { name, before, beforeOrigin } of made.changes) {
    undo.set(name, before === undefined ? undefined : { value: before, origin: beforeOrigin ?? { kind: "api" } });
  }
  return undo;
}

export function writeConfirmation({ undo, ...rest }: Confirmation): string {
  return JSON.stringify({ ...rest, undo: [...undo].map(([name, edit]) => [name, edit ?? null]) });
}

/** Undefined when the text is not one. */
export function readConfirmation(text: string): Confirmation | undefined {
  const parsed = schema().safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { undo, ...rest } = parsed.data;
  return { ...rest, undo: new Map(undo.map(([name, edit]) => [name, edit ?? undefined])) };
}

type Written = Omit<Confirmation, "undo"> & { readonly undo: readonly (readonly [string, Edit | null])[] };

/** Made when asked for: hardly any start of the program needs it. */
function schema(): z.ZodType<Written> {
  const value = settingValueSchema();
  const kinds: readonly OriginKind[] = ["default", "generator", "user-data", "api"];
  const origin = z.strictObject({ kind: z.enum(kinds), detail: z.exactOptional(z.string()) });
  return z.strictObject({
    generation: z.int(),
    base: z.int(),
    bootId: z.string(),
    deadlineMs: z.number(),
    undo: z.array(z.tuple([z.string(), z.union([z.null(), z.strictObject({ value, origin })])])),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no confirmation either
  }
}
