/** From a request to its answer: finds the route, reads query and body, calls the handler, maps failures. */
import { Fault } from "../../base/result.ts";
import type { HttpAnswer, HttpRequest } from "../http/message.ts";
import type { Answer, Context } from "./answer.ts";
import { authorOf } from "./author.ts";
import { failureAnswer, WrongMethodFault } from "./errors.ts";
import { readJson, readQuery, readTarget, wantsJson } from "./request.ts";
import { type Route, routes } from "./routes.ts";

/** Characters of an address in the log, at most. */
const MAX_SHOWN = 300;

const byPath = Map.groupBy(routes, ({ path }) => path);
/** Routes whose path leaves a part open, with what stands before and after it. */
const open = [...byPath].flatMap(([path, here]) => {
  const [, before, after] = /^(.*)\{[a-z]+\}(.*)$/.exec(path) ?? [];
  return before === undefined || after === undefined ? [] : [{ before, after, here }];
});

/** Answers one request; never throws or rejects. */
export function answer(request: HttpRequest, context: Context): HttpAnswer | Promise<HttpAnswer> {
  const failed = (thrown: unknown): HttpAnswer =>
    failureAnswer(thrown, {
      log: context.log,
      call: `${request.method} ${request.target.slice(0, MAX_SHOWN)}`,
      json: wantsJson(request.headers),
    });
  try {
    const { path, query: search } = readTarget(request.target);
    const { route, part } = findRoute(request.method, path);
    const query = readQuery(search, route.query ?? []);
    const body = route.body === "json" ? readJson(request) : undefined;
    const call = { query, part, body, headers: request.headers, author: () => authorOf(request, context.findCaller) };
    const given = route.handler(call, context);
    return given instanceof Promise ? given.then(httpAnswerOf, failed) : httpAnswerOf(given);
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Throws `Fault("no-such-path")`, or a `WrongMethodFault` with the methods that there are. */
function findRoute(method: string, path: string): { readonly route: Route; readonly part: string } {
  const { here, part } = findPath(path);
  const route = here.find((each) => each.method === method);
  if (route === undefined) throw new WrongMethodFault(method, path, here.map((each) => each.method).sort());
  return { route, part };
}

function findPath(path: string): { readonly here: readonly Route[]; readonly part: string } {
  const here = byPath.get(path);
  if (here !== undefined) return { here, part: "" };
  for (const each of open) {
    const part = path.slice(each.before.length, path.length - each.after.length);
    if (path === `${each.before}${part}${each.after}` && part !== "" && !part.includes("/")) {
      return { here: each.here, part };
    }
  }
  throw new Fault("no-such-path", `Cannot find "${path}": the API has no such path`, { path });
}

const TEXT_TYPE = { "Content-Type": "application/text; charset=utf-8" };
const JSON_TYPE = { "Content-Type": "application/json" };

function httpAnswerOf(given: Answer): HttpAnswer {
  const { headers, stream, upgrade } = given;
  if (upgrade !== undefined) return { status: given.status ?? 101, headers: { ...headers }, upgrade };
  if (stream !== undefined) return { status: given.status ?? 200, headers: { ...headers }, stream };
  if (given.text !== undefined) return { status: 200, headers: { ...TEXT_TYPE, ...headers }, body: given.text };
  const body = given.jsonBytes ?? (given.json === undefined ? undefined : JSON.stringify(given.json));
  if (body === undefined) return { status: given.status ?? 204, ...(headers === undefined ? {} : { headers }) };
  return {
    status: given.status ?? 200,
    headers: headers === undefined ? JSON_TYPE : { ...JSON_TYPE, ...headers },
    body,
  };
}
