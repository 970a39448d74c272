/**
 * The selector's choice, told in advance: the same rule as boot/formats/choice.c, which decides at boot. It differs from
 * contracts §12.2 in one case: a set with priority 0 is never started, even if it was successful once.
 */
import type { BootFlags } from "../gpt/attributes.ts";
import type { SetName } from "./sets.ts";

/** From this many fruitless starts on, another startable set with fewer goes first. */
export const STARTS_LIMIT = 3;

/** The highest count; after it comes the limit again. */
export const STARTS_MAXIMUM = 7;

/** Whether the selector may start a set with these flags. */
export function startable(flags: BootFlags): boolean {
  return flags.priority > 0 && (flags.successful || flags.triesLeft > 0);
}

/** The set that the next boot starts; undefined when there is none that may be started. */
export function nextSet(flags: { readonly A: BootFlags; readonly B?: BootFlags | undefined }): SetName | undefined {
  const a = startable(flags.A) ? flags.A : undefined;
  const b = flags.B !== undefined && startable(flags.B) ? flags.B : undefined;
  if (b === undefined) return a === undefined ? undefined : "A";
  return a === undefined || better(b, a) ? "B" : "A";
}

function better(one: BootFlags, other: BootFlags): boolean {
  const [mine, theirs] = [failing(one), failing(other)];
  if (mine !== theirs) return theirs;
  if (mine && one.starts !== other.starts) return behind(one, other);
  return one.priority > other.priority;
}

function failing(flags: BootFlags): boolean {
  return flags.starts >= STARTS_LIMIT;
}

/** Both failing: they take turns, so their counts, which go round, are close to one another. */
function behind(one: BootFlags, other: BootFlags): boolean {
  const round = STARTS_MAXIMUM - STARTS_LIMIT + 1;
  return (one.starts + round - other.starts) % round > round / 2;
}
