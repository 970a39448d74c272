/** Running `apiclient`, the one program that bootstrap commands may run and by which a mode is marked. */
import { Fault, fail, type Result } from "../../base/result.ts";
import { type Ran, run } from "../../base/run.ts";

const APICLIENT = "/usr/bin/apiclient";
/** Some calls wait until settings are applied, and may fetch what they apply. */
const TIMEOUT_MS = 600_000;

/** Runs `apiclient` with these words. */
export type RunApiclient = (words: readonly string[]) => Promise<Result<Ran>>;

/** `timeoutMs` is for the program as a whole. What a fault says names the subcommand, never its values. */
export const runApiclient: RunApiclient = async (words) => {
  const ran = await run([APICLIENT, ...words], { timeoutMs: TIMEOUT_MS, maxOutput: 256 * 1024 });
  if (ran.ok) return ran;
  const { code, message, details } = ran.fault;
  const command = [APICLIENT, ...words].join(" ");
  const at = message.indexOf(command);
  const rest = at === -1 ? "it failed" : message.slice(at + command.length).replace(/^"?:? ?/, "");
  return fail(new Fault(code, `Cannot run "${shown(words)}": ${rest}`, { status: details["status"] }));
};

/** A command in messages: values may be secret, names of subcommands are not. */
export function shown(words: readonly string[]): string {
  const [first, second] = words;
  const more = first === "ephemeral-storage" ? words.slice(0, 2).length : 1;
  const kept = first === undefined ? [] : [first, second ?? ""].slice(0, more).filter((word) => !word.startsWith("-"));
  const left = words.length > kept.length ? ["…"] : [];
  return ["apiclient", ...kept, ...left].join(" ");
}
