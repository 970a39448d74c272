/** What handlers work with: a call that has been read, and the answers they give. */
import type { Log } from "../../base/log.ts";
import type { Result } from "../../base/result.ts";
import type { Engine } from "../../settings/engine.ts";
import type { ApplyQueue } from "./apply-queue.ts";

export type ApiCall = {
  /** Parameters that the route knows, each once and none empty. */
  readonly query: ReadonlyMap<string, string>;
  /** The JSON of a route with a body; else undefined. */
  readonly body: unknown;
  /** The program that asks, `api` when it does not say. */
  readonly agent: string;
};

export type Context = {
  readonly engine: Engine;
  readonly applies: ApplyQueue;
  readonly log: Log;
  readonly reboot: () => Promise<Result<unknown>>;
};

/** `json` undefined: 204 without a body. */
export type Answer = { readonly json?: unknown };

/** Failures are thrown as `Fault`; `errors.ts` says which status each code becomes. */
export type Handler = (call: ApiCall, context: Context) => Answer | Promise<Answer>;

export const done: Answer = {};

export function json(value: unknown): Answer {
  return { json: value };
}
