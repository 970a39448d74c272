/** What systemd says about its jobs on the console: from "Starting" to "Started", in instructions. Pure. */
import type { ConsoleLine } from "./console-line.ts";

export type Job = { readonly name: string; readonly from: number; readonly to: number };

/** Jobs in the order of their start. One that is not over when the console ends is left out. */
export function jobsOf(lines: readonly ConsoleLine[]): readonly Job[] {
  const open = new Map<string, number>();
  const jobs: Job[] = [];
  for (const { text, instructions } of lines) {
    const begins = /^\s*(?:Starting|Mounting) (.+?)\.\.\.$/.exec(text)?.[1];
    if (begins !== undefined) open.set(begins, instructions);
    const ends = /^\[ +OK +\] (?:Started|Finished|Mounted) (.+?)\.$/.exec(text)?.[1];
    const from = ends === undefined ? undefined : open.get(ends);
    if (ends === undefined || from === undefined) continue;
    open.delete(ends);
    jobs.push({ name: ends, from, to: instructions });
  }
  return jobs.toSorted((a, b) => a.from - b.from);
}
