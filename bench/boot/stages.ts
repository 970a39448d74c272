/** The stages of a boot: what on the console shows that each is over. Pure. */
import { Fault } from "../../base/result.ts";
import type { ConsoleLine, Moment } from "./console-line.ts";

export type StageName = "firmware" | "selector" | "kernel" | "init" | "systemd" | "API" | "API outside" | "multi-user";

export type Stage = Moment & {
  readonly name: StageName;
};

/** By the line that ends it. The first answer outside is no line; it is put in its place by what had been executed. */
const ENDS: readonly (readonly [StageName, RegExp])[] = [
  ["firmware", /BdsDxe: starting/],
  ["selector", /sparkler-selector: starting set/],
  ["kernel", /sparkler-init: preparing the root/],
  ["init", /sparkler-init: starting systemd/],
  ["systemd", /Expecting device|Reached target (Slice|Path) Units/],
  ["API", /apiserver: API answers/],
  ["multi-user", /Reached target .*Multi-User System/],
];

/** Every stage with the moment of its end, in the order of their ends. Throws when one is not on the console. */
export function stagesOf(lines: readonly ConsoleLine[], outside: Moment): readonly Stage[] {
  const stages = ENDS.map(([name, end]): Stage => {
    const line = lines.find(({ text }) => end.test(text));
    if (line === undefined) throw new Fault("no-stage", `Cannot find the end of the stage "${name}" on the console`);
    return { name, instructions: line.instructions, wallMs: line.wallMs };
  });
  return [...stages, { name: "API outside" as const, ...outside }].sort((a, b) => a.instructions - b.instructions);
}
