/** `/events` and `/openapi.json`, our own: what happens as it happens, and what the API is. */
import { type Handler } from "../answer.ts";

export const events: Handler = (_call, context) => ({
  headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
  stream: context.events.open(),
});

/** Made when it is asked for, and by code that is loaded only then. */
export const openapi: Handler = async (_call, { engine }) => {
  const { describeApi } = await import("../../openapi/document.ts");
  return { json: describeApi(engine.os.version_id) };
};
