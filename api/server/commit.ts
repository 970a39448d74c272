/** What committing takes from a request and tells in its answer, wherever it is asked for. */
import { Fault } from "../../base/result.ts";
import type { CommitOptions, Committed } from "../../settings/engine.ts";
import { type Answer, type ApiCall, json } from "./answer.ts";
import { numberParameter } from "./parameters.ts";

/** `If-Match` holds the hash of a plan, `confirm` seconds. Throws `Fault("bad-query")`. */
export function commitOptions({ query, headers }: Pick<ApiCall, "query" | "headers">): CommitOptions {
  const seconds = numberParameter(query, "confirm");
  const match = headers.get("if-match");
  const expect = match === undefined ? undefined : /^(?:W\/)?"([0-9a-f]{1,128})"$/.exec(match)?.[1];
  if (match !== undefined && expect === undefined) {
    throw new Fault("bad-query", 'Cannot use "If-Match": wanted the hash of a plan in double quotes');
  }
  return {
    ...(expect === undefined ? {} : { expect }),
    ...(seconds === undefined ? {} : { confirmMs: seconds * 1000 }),
  };
}

/** The list of the original; where it is applied, `Location` is where the outcome will be. */
export function committedAnswer({ generation, keys, outcome }: Committed): Answer {
  return json(keys, {
    "Sparkler-Generation": String(generation),
    ...(outcome === undefined ? {} : { Location: `/apply/${outcome}` }),
  });
}
