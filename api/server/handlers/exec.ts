/** `/exec`: a process in a running container, over a WebSocket (contracts section 5.5). */
import { orThrow } from "../../../base/result.ts";
import { acceptUpgrade } from "../../websocket/handshake.ts";
import type { Handler } from "../answer.ts";

export const exec: Handler = async ({ headers }, context) => {
  const answer = orThrow(acceptUpgrade(headers));
  return { status: 101, headers: answer, upgrade: await context.exec.open() };
};
