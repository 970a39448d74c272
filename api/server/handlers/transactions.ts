/** `/tx…`: what is staged, and making it live. A commit is durable before it is answered. */
import { Fault, orThrow } from "../../../base/result.ts";
import { type ApiCall, type Context, done, type Handler, json } from "../answer.ts";
import { keysParameter, txParameter } from "../parameters.ts";

export const getTx: Handler = ({ query }, { engine }) => json(engine.pending(txParameter(query)));

export const dropTx: Handler = ({ query }, { engine }) => json(engine.dropTx(txParameter(query)));

export const listTx: Handler = (_call, { engine }) => json(engine.listTx());

/** Our own: runs the generators of keys that nobody has set, and stages what they make. */
export const generate: Handler = async ({ query }, { engine }) =>
  json(orThrow(await engine.generate(txParameter(query))));

export const commit: Handler = (call, context) => json(commitTx(call, context));

/** `wait=true` is our own: the answer comes after applying, and is its outcome, good or bad. */
export const apply: Handler = async ({ query }, { applies }) => {
  const wait = query.get("wait") ?? "false";
  if (wait !== "true" && wait !== "false") {
    throw new Fault("bad-query", 'Cannot use the parameter "wait": wanted true or false');
  }
  const applied = applies.request(keysParameter(query) ?? "all");
  return wait === "true" ? json(orThrow(await applied)) : done;
};

export const commitAndApply: Handler = (call, context) => {
  const names = commitTx(call, context);
  void context.applies.request(names);
  return json(names);
};

function commitTx({ query, agent }: ApiCall, { engine, log }: Context): readonly string[] {
  const tx = txParameter(query);
  const names = orThrow(engine.commit(tx, { source: agent }));
  log.info("Settings are committed", { tx, generation: engine.generation(), by: agent, keys: names });
  return names;
}
