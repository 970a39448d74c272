/** Whether a change works: waits for the outcome of its apply, and says what went wrong. */
import { setTimeout as sleep } from "node:timers/promises";
import { orThrow } from "../../base/result.ts";
import { jsonOf, objectOf, objectsIn, textOf, textsIn } from "./answers.ts";
import type { Api } from "./connection.ts";
import type { JsonObject } from "./merge.ts";
import { type Paint, printable } from "./terminal.ts";

/** A change may restart the server itself. */
const RETRIES = 120;
const RETRY_MS = 250;

/** The outcome at `location`, once there is nothing more to wait for. Throws the fault of the request. */
export async function awaitOutcome(api: Api, location: string): Promise<JsonObject> {
  for (let tries = 0; ; tries++) {
    const answered = await api({ method: "GET", uri: `${location}?wait=true` });
    if (answered.ok) return objectOf(jsonOf(answered.value));
    if (answered.fault.code !== "unreachable" || tries >= RETRIES) orThrow(answered);
    await sleep(RETRY_MS);
  }
}

export function works(outcome: JsonObject): boolean {
  return outcome["state"] === "done" && outcome["ok"] === true;
}

/** What is not as wanted, line by line, with the last words of the units that failed. */
export function failures(outcome: JsonObject, paint: Paint): readonly string[] {
  if (outcome["state"] !== "done") {
    return [paint.bad(`Applying did not come to its end (${textOf(outcome["state"])})`)];
  }
  const files = objectsIn(outcome["files"]).flatMap((file) => {
    const bad = file["state"] === "failed" || file["state"] === "skipped";
    return bad ? [paint.bad(printable(`File ${textOf(file["path"])}: ${textOf(file["problem"])}`))] : [];
  });
  const services = objectsIn(outcome["services"]).flatMap((service) => serviceFailure(service, paint));
  const before = textsIn(outcome["stillFailing"]).map((name) =>
    paint.bad(`Service ${name}: has not worked since before`),
  );
  return [...files, ...services, ...before];
}

function serviceFailure(service: JsonObject, paint: Paint): readonly string[] {
  if (service["state"] === "applied") return [];
  const name = printable(textOf(service["name"]));
  const steps = [...objectsIn(service["commands"]), ...objectsIn(service["checks"])];
  const failed = steps.filter(({ state }) => state === "failed");
  const said = failed.map(({ step, problem }) => paint.bad(printable(`Service ${name}: ${problemOf(step, problem)}`)));
  const lines = objectsIn(service["journal"]).flatMap((journal) =>
    textsIn(journal["lines"]).map((line) => `  ${paint.faint(printable(`${textOf(journal["unit"])}: ${line}`))}`),
  );
  const first = said.length === 0 ? [paint.bad(`Service ${name}: left as it was, see its files`)] : said;
  return [...first, ...lines];
}

function problemOf(step: unknown, problem: unknown): string {
  const [what, why] = [textOf(step), textOf(problem)];
  return why.includes(what) ? why : `${what}: ${why}`;
}
