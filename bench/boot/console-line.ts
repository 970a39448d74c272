/** The console of a boot, line by line, each with how much had been executed when it was seen. */
export type ConsoleLine = {
  readonly text: string;
  /** Guest instructions since reset. */
  readonly instructions: number;
  /** Milliseconds since the machine was started. */
  readonly wallMs: number;
};

export type Moment = Pick<ConsoleLine, "instructions" | "wallMs">;

/** Puts text that came at `moment` behind `lines`, the last of which is not complete; text without a newline goes on in the next piece. Pure. */
export function addText(lines: readonly ConsoleLine[], text: string, moment: Moment): readonly ConsoleLine[] {
  const [first = "", ...rest] = text.split("\n");
  const last = lines.at(-1);
  const joined =
    last === undefined || last.text === "" ? { text: first, ...moment } : { ...last, text: last.text + first };
  return [...lines.slice(0, -1), joined, ...rest.map((each) => ({ text: each, ...moment }))];
}
