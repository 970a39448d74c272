/** Who a request comes from: what the client says of itself, held to what can be a name, and its reason. */
import type { CommitAuthor } from "../../settings/store/generation.ts";
import type { HttpRequest } from "../http/message.ts";

const agentPattern = /^[a-z][a-z0-9-]{0,63}$/;

export function authorOf({ headers }: HttpRequest): CommitAuthor {
  const message = readMessage(headers.get("sparkler-message"));
  return { source: readAgent(headers.get("user-agent")), ...(message === undefined ? {} : { message }) };
}

/** The program's name; `api` for anything that is not a plain word. */
function readAgent(agent: string | undefined): string {
  return agent !== undefined && agentPattern.test(agent) ? agent : "api";
}

/** Percent-encoded, since a header holds ASCII only; as it is when it is not well-formed. */
function readMessage(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
