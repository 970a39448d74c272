/** Reading a recorded outcome back. It may have been written by another version: what does not fit is no outcome. */
import * as z from "zod";
import type { ApplyOutcome } from "./outcome.ts";

export function readOutcome(text: string): ApplyOutcome | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // the caller says so
  }
  const parsed = outcomeSchema().safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** Made when asked for: most starts of the program never do. */
function outcomeSchema(): z.ZodType<ApplyOutcome> {
  const problem = z.exactOptional(z.string());
  const step = z.object({
    step: z.string(),
    state: z.enum(["done", "failed", "skipped"]),
    durationMs: z.number(),
    problem,
  });
  const file = z.object({
    name: z.string(),
    path: z.string(),
    state: z.enum(["written", "unchanged", "failed", "skipped"]),
    durationMs: z.number(),
    problem,
  });
  const service = z.object({
    name: z.string(),
    state: z.enum(["applied", "failed", "skipped"]),
    commands: z.array(step),
    checks: z.array(step),
    journal: z.exactOptional(z.array(z.object({ unit: z.string(), lines: z.array(z.string()) }))),
  });
  return z.object({
    number: z.int(),
    first: z.int(),
    ok: z.boolean(),
    generation: z.number(),
    at: z.string(),
    durationMs: z.number(),
    keys: z.union([z.array(z.string()), z.literal("all")]),
    files: z.array(file),
    services: z.array(service),
    stillFailing: z.exactOptional(z.array(z.string())),
  });
}
