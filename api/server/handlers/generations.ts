/** `/generations…` and `/confirm`, our own: what was committed, by whom and why, and going back. */
import { orThrow } from "../../../base/result.ts";
import type { Generation } from "../../../settings/store/generation.ts";
import { type Handler, json } from "../answer.ts";
import { commitOptions, committedAnswer } from "../commit.ts";
import { numberParameter, numberPart } from "../parameters.ts";

/** Newest first, with the names of what changed; the values are those of each one's own page. */
export const listGenerations: Handler = (_call, { engine }) => json(engine.generations().map(summary));

export const getGeneration: Handler = ({ part }, { engine }) => json(orThrow(engine.generationAt(numberPart(part))));

/** From that generation to another, by default to what is live. */
export const diffGeneration: Handler = ({ part, query }, { engine }) =>
  json(orThrow(engine.diff(numberPart(part), numberParameter(query, "to"))));

/** Applied as `commit_and_apply` is. */
export const restoreGeneration: Handler = async (call, { engine, log }) => {
  const who = call.author();
  const number = numberPart(call.part);
  const committed = orThrow(await engine.restore(number, who, { ...commitOptions(call), apply: true }));
  const { generation, keys } = committed;
  log.info("An earlier generation is restored", { restored: number, generation, by: who.source, keys });
  return committedAnswer(committed);
};

export const confirm: Handler = async ({ query }, { engine, log }) => {
  const generation = orThrow(await engine.confirm(numberParameter(query, "generation")));
  log.info("A generation is confirmed", { generation });
  return json({ generation });
};

function summary({ number, at, author, changes }: Generation): object {
  return { number, at, author, keys: changes.map(({ name }) => name) };
}
