/** The API as the boot programs use it: they may start before it answers, and share one transaction. */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, orThrow } from "../../base/result.ts";
import { isTree } from "../../settings/tree.ts";
import { type Answer, type Api, type Call, StatusFault } from "../client/connection.ts";

/** The transaction that the boot programs stage into, reserved for them. Contracts section 5.3. */
export const LAUNCH_TX = "bottlerocket-launch";

const RETRY_MS = 50;

/** Resolves once the API answers. Throws the last fault when it does not within `timeoutMs`. */
export async function waitForApi(api: Api, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answered = await api({ method: "GET", uri: "/status", signal: AbortSignal.timeout(timeoutMs) });
    if (answered.ok) return;
    if (answered.fault.code !== "unreachable" || performance.now() > end) throw answered.fault;
    await sleep(RETRY_MS);
  }
}

/** The answer; a fault is thrown. */
export async function ask(api: Api, call: Call): Promise<Answer> {
  return orThrow(await api(call));
}

/** The number of the last committed generation. */
export async function generationOf(api: Api): Promise<number> {
  const { body } = await ask(api, { method: "GET", uri: "/status" });
  const status: unknown = JSON.parse(body);
  const generation = isTree(status) ? status["generation"] : undefined;
  if (typeof generation !== "number") throw new Fault("bad-answer", "Cannot use /status: no generation in it");
  return generation;
}

/** What the answer to a call that the server does not take (status 4xx) says, line by line; other failures are thrown. */
export function refusalOf(fault: Fault): readonly string[] {
  if (!(fault instanceof StatusFault) || fault.answer.status >= 500) throw fault;
  if (fault.answer.body === "") return [fault.message];
  const lines = fault.answer.body.split("\n").filter((line) => line.trim() !== "");
  // A list of problems stands below a line that sums it up and ends with a colon.
  return lines.length > 1 && lines[0]?.endsWith(":") === true ? lines.slice(1) : lines;
}
