/** What `signpost status` answers, as data and as text. */
import { type BootFlags, willBoot } from "../../disk/gpt/attributes.ts";
import type { Damage } from "../../disk/gpt/read.ts";
import { nextSet } from "../../disk/set/choice.ts";
import { type PartitionSet, SET_NAMES, type SetName } from "../../disk/set/sets.ts";
import type { Slots } from "./read.ts";

export type SetStatus = BootFlags & {
  readonly willBoot: boolean;
  /** Device nodes, or `FILE#NUMBER` for a disk in a file. */
  readonly boot: string;
  readonly root: string;
  readonly hash: string;
};

/** What `--json` prints. */
export type SlotStatus = {
  readonly disk: string;
  readonly sets: { readonly A: SetStatus; readonly B: SetStatus | null };
  readonly active: SetName;
  /** The set that the selector takes next; null when there is none that it may start. */
  readonly next: SetName | null;
  readonly everSucceeded: boolean;
  /** Copies of the table that are not good; empty as a rule. */
  readonly damage: readonly Damage[];
};

export function slotStatus(disk: string, slots: Slots): SlotStatus {
  const { sets, state, reading } = slots;
  const one = (set: PartitionSet, flags: BootFlags): SetStatus => ({
    boot: partitionPath(disk, set.boot.number),
    root: partitionPath(disk, set.root.number),
    hash: partitionPath(disk, set.hash.number),
    ...flags,
    willBoot: willBoot(flags),
  });
  return {
    disk,
    sets: { A: one(sets.A, state.A), B: sets.B && state.B ? one(sets.B, state.B) : null },
    active: state.active,
    next: nextSet(state) ?? null,
    everSucceeded: state.everSucceeded,
    damage: reading.damage,
  };
}

/** Lines for people; each set stands on its own line, whichever is active. */
export function formatStatus(status: SlotStatus): string {
  const lines = [`OS disk: ${status.disk}`];
  for (const name of SET_NAMES) {
    const set = status.sets[name];
    const text =
      set === null
        ? "none (made without updates in place)"
        : `boot ${set.boot}, root ${set.root}, hash ${set.hash}; priority ${set.priority}, tries left ${set.triesLeft}, ` +
          `${set.successful ? "successful" : "not successful"}, starts since ${set.starts}`;
    lines.push(`Set ${name}:   ${text}`);
  }
  lines.push(`Active:  set ${status.active}`);
  lines.push(`Next:    ${status.next === null ? "unknown (no set may be started)" : `set ${status.next}`}`);
  for (const { where, message } of status.damage) lines.push(`Damaged: ${where}: ${message}`);
  return `${lines.join("\n")}\n`;
}

/** The device node of a partition: a `p` goes between a disk's name and the number when the name ends in a digit. */
export function partitionPath(disk: string, number: number): string {
  if (!disk.startsWith("/dev/")) return `${disk}#${number}`;
  return `${disk}${/[0-9]$/.test(disk) ? "p" : ""}${number}`;
}
