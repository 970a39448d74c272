/** From a request to its answer: finds the route, reads query and body, calls the handler, maps failures. */
import { Fault } from "../../base/result.ts";
import type { Answer, Context } from "./answer.ts";
import { failureAnswer, WrongMethodFault } from "./errors.ts";
import { readAgent, readJson, readQuery } from "./request.ts";
import { type Route, routes } from "./routes.ts";

/** Characters of an address in the log, at most. */
const MAX_SHOWN = 300;

const byPath = Map.groupBy(routes, ({ path }) => path);

/** Answers one request; never rejects. */
export async function answer(request: Request, context: Context): Promise<Response> {
  try {
    const url = readUrl(request);
    const route = findRoute(request.method, url.pathname);
    const query = readQuery(url.searchParams, route.query ?? []);
    const body = route.body === "json" ? await readJson(request) : undefined;
    return responseOf(await route.handler({ query, body, agent: readAgent(request) }, context));
  } catch (thrown) {
    return failureAnswer(thrown, context.log, `${request.method} ${request.url.slice(0, MAX_SHOWN)}`);
  }
}

/** The runtime puts the URL together from the client's `Host`, which may be anything. Throws `Fault("bad-query")`. */
function readUrl(request: Request): URL {
  const url = URL.parse(request.url);
  if (url === null) throw new Fault("bad-query", "Cannot read the address of the request");
  return url;
}

/** Throws `Fault("no-such-path")`, or a `WrongMethodFault` with the methods that there are. */
function findRoute(method: string, path: string): Route {
  const here = byPath.get(path);
  if (here === undefined) throw new Fault("no-such-path", `Cannot find "${path}": the API has no such path`, { path });
  const route = here.find((each) => each.method === method);
  if (route === undefined) throw new WrongMethodFault(method, path, here.map((each) => each.method).sort());
  return route;
}

function responseOf({ json }: Answer): Response {
  return json === undefined ? new Response(null, { status: 204 }) : Response.json(json);
}
