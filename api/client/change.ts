/** Changing settings: staged in a transaction of its own, then planned, or committed, applied, and judged by its outcome. */
import { Fault, orThrow } from "../../base/result.ts";
import { jsonOf, pretty } from "./answers.ts";
import { type Answer, type Api, StatusFault } from "./connection.ts";
import { nameHint } from "./name-hint.ts";
import { awaitOutcome, failures, works } from "./outcome.ts";
import type { Change, ChangeOptions } from "./requests.ts";
import type { Terminal } from "./terminal.ts";

export type Session = { readonly api: Api; readonly terminal: Terminal };

/** Exit code: 0 when the change works (or is planned), else 1. Throws the fault of the first request that failed. */
export async function runChange(change: Change, options: ChangeOptions, session: Session): Promise<number> {
  const { api, terminal } = session;
  if (change.kind === "restore") {
    if (options.planOnly) return showPlan(`restore=${change.generation}`, session);
    return commit(`/generations/${change.generation}/restore`, [], options, session);
  }
  const tx = `apiclient-${wordOf(change)}-${randomWord()}`;
  let kept = false;
  try {
    for (const call of await stagingCalls(change, tx, terminal.stdin)) orThrow(await api(call));
    if (options.planOnly) return await showPlan(`tx=${tx}`, session);
    kept = true;
    return await commit("/tx/commit_and_apply", [`tx=${tx}`], options, session);
  } catch (thrown) {
    if (thrown instanceof StatusFault) {
      kept = false;
      if (change.kind === "unset") await nameHint(change.keys, session);
    }
    throw thrown;
  } finally {
    // Staged settings are never live, so this is only tidying up.
    if (!kept) await api({ method: "DELETE", uri: `/tx?tx=${tx}` });
  }
}

type StagingCall = { readonly method: string; readonly uri: string; readonly body?: string };

async function stagingCalls(
  change: Exclude<Change, { kind: "restore" }>,
  tx: string,
  stdin: () => Promise<string>,
): Promise<readonly StagingCall[]> {
  if (change.kind === "unset") {
    const keys = change.keys.map((key) => (key.startsWith("settings.") ? key : `settings.${key}`)).join(",");
    return [{ method: "DELETE", uri: `/settings?keys=${encodeURIComponent(keys)}&tx=${tx}` }];
  }
  if (change.kind === "set-pairs") {
    const body = JSON.stringify({ request_payload: change.pairs });
    return [{ method: "PATCH", uri: `/settings/keypair?tx=${tx}`, body }];
  }
  const { readSettingsArgument, readSettingsDocument } = await import("./documents.ts");
  const patch = (settings: unknown): StagingCall => {
    return { method: "PATCH", uri: `/settings?tx=${tx}`, body: JSON.stringify(settings) };
  };
  if (change.kind === "set-json") return [patch(orThrow(readSettingsArgument(change.json)))];
  const { readSources } = await import("./sources.ts");
  const calls: StagingCall[] = [];
  for (const { source, text } of orThrow(await readSources(change.sources, stdin))) {
    calls.push(patch(orThrow(await readSettingsDocument(text, source))));
  }
  return calls;
}

async function commit(
  path: string,
  query: readonly string[],
  options: ChangeOptions,
  { api, terminal }: Session,
): Promise<number> {
  const { confirm, expect, wait } = options;
  const all = [...query, ...(confirm === undefined ? [] : [`confirm=${confirm}`])].join("&");
  const headers: Record<string, string> = expect === undefined ? {} : { "If-Match": `"${expect}"` };
  const answer = orThrow(await api({ method: "POST", uri: all === "" ? path : `${path}?${all}`, headers }));
  const generation = answer.headers.get("sparkler-generation") ?? "";
  if (confirm !== undefined) {
    terminal.err(`Generation ${generation} is taken back in ${confirm} s unless it is confirmed: apiclient confirm\n`);
  }
  return wait ? judge(answer, { api, terminal }) : 0;
}

/** A server that does not say where the outcome will be has none to tell. */
async function judge(answer: Answer, { api, terminal }: Session): Promise<number> {
  const { paint, people } = terminal;
  const location = answer.headers.get("location");
  if (location === null) return 0;
  const outcome = await awaitOutcome(api, location);
  if (works(outcome)) {
    const generation = answer.headers.get("sparkler-generation") ?? "";
    if (people) terminal.err(`${paint.good("Applied")} as generation ${generation}\n`);
    return 0;
  }
  terminal.err(`${failures(outcome, paint).join("\n")}\n`);
  throw new Fault("does-not-work", `The settings are committed, but do not work in full; see "apiclient outcome"`);
}

async function showPlan(query: string, { api, terminal }: Session): Promise<number> {
  const plan = jsonOf(orThrow(await api({ method: "POST", uri: `/plan?${query}` })));
  const { planText } = await import("./show-plan.ts");
  terminal.out(terminal.people ? planText(plan, terminal.paint) : `${pretty(plan)}\n`);
  return 0;
}

function wordOf({ kind }: Change): string {
  return kind === "set-pairs" || kind === "set-json" ? "set" : kind;
}

function randomWord(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
}
