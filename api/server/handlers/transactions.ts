/** `/tx…`: what is staged, and making it live. A commit is durable before it is answered. */
import { orThrow } from "../../../base/result.ts";
import type { Committed } from "../../../settings/engine.ts";
import { type ApiCall, type Context, done, type Handler, json } from "../answer.ts";
import { commitOptions, committedAnswer } from "../commit.ts";
import { flagParameter, keysParameter, txParameter } from "../parameters.ts";

export const getTx: Handler = ({ query }, { engine }) => json(engine.pending(txParameter(query)));

export const dropTx: Handler = ({ query }, { engine }) => json(engine.dropTx(txParameter(query)));

export const listTx: Handler = (_call, { engine }) => json(engine.listTx());

/** Our own: runs the generators of keys that nobody has set, and stages what they make. */
export const generate: Handler = async ({ query }, { engine }) =>
  json(orThrow(await engine.generate(txParameter(query))));

export const commit: Handler = async (call, context) => committedAnswer(await commitTx(call, context, false));

/** `wait=true` is our own: the answer comes after applying, and is its outcome, good or bad. */
export const apply: Handler = async ({ query }, { applies }) => {
  const wait = flagParameter(query, "wait");
  const applied = applies.request(keysParameter(query) ?? "all");
  return wait ? json(orThrow(await applied)) : done;
};

export const commitAndApply: Handler = async (call, context) => committedAnswer(await commitTx(call, context, true));

async function commitTx(call: ApiCall, { engine, log }: Context, applied: boolean): Promise<Committed> {
  const tx = txParameter(call.query);
  const who = call.author();
  const committed = orThrow(await engine.commit(tx, who, { ...commitOptions(call), apply: applied }));
  log.info("Settings are committed", { tx, generation: committed.generation, by: who.source, keys: committed.keys });
  return committed;
}
