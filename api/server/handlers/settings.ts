/** `/settings`: live values, and staging changes into a transaction. */
import { Fault, orThrow } from "../../../base/result.ts";
import type { ValueOrigin } from "../../../settings/store/generation.ts";
import { isTree } from "../../../settings/tree.ts";
import { done, type Handler, json } from "../answer.ts";
import { listParameter, requiredKeys, settingsPrefix, txParameter } from "../parameters.ts";

export const getSettings: Handler = ({ query }, { engine, cache }) => {
  if (query.size === 0) return { jsonBytes: cache.bytes() };
  const keys = listParameter(query, "keys");
  if (keys !== undefined) return json(engine.settings({ keys }));
  const prefix = query.get("prefix");
  return json(engine.settings(prefix === undefined ? {} : settingsPrefix(prefix)));
};

/** `from=user-data:FILE` is our own: it lets the boot programs say where values come from. */
export const patchSettings: Handler = ({ query, body }, { engine }) => {
  const origin = originParameter(query.get("from"));
  orThrow(engine.patch(txParameter(query), body, origin));
  return done;
};

export const patchPairs: Handler = ({ query, body }, { engine }) => {
  const pairs = isTree(body) ? body["request_payload"] : undefined;
  if (!isTextList(pairs)) {
    throw new Fault("bad-body", 'Cannot read the body: wanted {"request_payload": ["KEY=VALUE", …]}');
  }
  orThrow(engine.patchPairs(txParameter(query), pairs));
  return done;
};

/** Our own: stages removal; on commit a default or generated value comes back. Answers with what will be removed. */
export const removeSettings: Handler = ({ query }, { engine }) =>
  json(orThrow(engine.remove(txParameter(query), requiredKeys(query))));

function originParameter(text: string | undefined): ValueOrigin {
  if (text === undefined) return { kind: "api" };
  const detail = /^user-data:(.{1,256})$/.exec(text)?.[1];
  if (detail === undefined) throw new Fault("bad-query", 'Cannot use the parameter "from": wanted user-data:FILE');
  return { kind: "user-data", detail };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
