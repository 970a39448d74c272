/** `/tx…`: what is staged, and making it live. A commit is durable before it is answered. */
import { Fault, orThrow } from "../../../base/result.ts";
import type { CommitOptions, Committed } from "../../../settings/engine.ts";
import { type ApiCall, type Context, done, type Handler, json } from "../answer.ts";
import { keysParameter, txParameter } from "../parameters.ts";

export const getTx: Handler = ({ query }, { engine }) => json(engine.pending(txParameter(query)));

export const dropTx: Handler = ({ query }, { engine }) => json(engine.dropTx(txParameter(query)));

export const listTx: Handler = (_call, { engine }) => json(engine.listTx());

/** Our own: runs the generators of keys that nobody has set, and stages what they make. */
export const generate: Handler = async ({ query }, { engine }) =>
  json(orThrow(await engine.generate(txParameter(query))));

export const commit: Handler = async (call, context) => json((await commitTx(call, context)).keys);

/** `wait=true` is our own: the answer comes after applying, and is its outcome, good or bad. */
export const apply: Handler = async ({ query }, { applies }) => {
  const wait = query.get("wait") ?? "false";
  if (wait !== "true" && wait !== "false") {
    throw new Fault("bad-query", 'Cannot use the parameter "wait": wanted true or false');
  }
  const applied = applies.request(keysParameter(query) ?? "all");
  return wait === "true" ? json(orThrow(await applied)) : done;
};

export const commitAndApply: Handler = async (call, context) =>
  json((await commitTx(call, context, { apply: true })).keys);

async function commitTx(
  { query, author }: ApiCall,
  { engine, log }: Context,
  options: CommitOptions = {},
): Promise<Committed> {
  const tx = txParameter(query);
  const who = author();
  const committed = orThrow(await engine.commit(tx, who, options));
  const { generation, keys } = committed;
  log.info("Settings are committed", { tx, generation, by: who.source, keys });
  return committed;
}
