/** `/status…`, our own: which generation is live, and what applying it did. */
import { type Handler, json } from "../answer.ts";

/**
 * `applied` is the generation of the last outcome: less than `generation` while a change is not yet applied.
 * `unconfirmed` is what comes back by itself unless it is confirmed, or null.
 */
export const status: Handler = (_call, { engine, applies }) =>
  json({
    generation: engine.generation(),
    applied: engine.lastApply()?.generation ?? null,
    applying: applies.busy,
    unconfirmed: engine.unconfirmed() ?? null,
  });

export const applyStatus: Handler = (_call, { engine, applies }) =>
  json({ applying: applies.busy, last: engine.lastApply() ?? null });
