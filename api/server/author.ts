/**
 * Who a request comes from: what the client says of itself, held to what can be a name, and its reason; user, process and
 * container as the kernel knows them, or nothing of them.
 */
import type { CommitAuthor } from "../../settings/store/generation.ts";
import type { HttpRequest } from "../http/message.ts";
import type { FindCaller } from "../peer/caller.ts";

const agentPattern = /^[a-z][a-z0-9-]{0,63}$/;

export function authorOf({ headers, fd }: HttpRequest, findCaller: FindCaller): CommitAuthor {
  const message = readMessage(headers.get("sparkler-message"));
  const caller = fd === undefined ? undefined : findCaller(fd);
  return {
    source: readAgent(headers.get("user-agent")),
    ...caller,
    ...(message === undefined ? {} : { message }),
  };
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
