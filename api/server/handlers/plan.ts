/** `/plan` and `/explain`, our own: what a change would do, and everything known about a setting. */
import { Fault, orThrow } from "../../../base/result.ts";
import { type Handler, json } from "../answer.ts";
import { numberParameter, txParameter } from "../parameters.ts";

/** The hash stands in `ETag` as well: a commit with it in `If-Match` does what was planned, or is refused with 412. */
export const plan: Handler = async ({ query }, { engine }) => {
  const restore = numberParameter(query, "restore");
  if (restore !== undefined && query.has("tx")) {
    throw new Fault("bad-query", 'Cannot plan: wanted "tx" or "restore", not both');
  }
  const planned = orThrow(await engine.plan(restore === undefined ? { tx: txParameter(query) } : { restore }));
  return json(planned, { ETag: `"${planned.hash}"` });
};

export const explain: Handler = ({ query }, { engine }) => {
  const key = query.get("key");
  if (key === undefined) throw new Fault("bad-query", 'Cannot answer: the parameter "key" is missing');
  return json(orThrow(engine.explain(key)));
};
