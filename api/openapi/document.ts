/**
 * The API as an OpenAPI 3.1 document, made from the table of routes, the words about them, and the model of the settings.
 * Pure; the machine serves it, and docs/reference/openapi.json is a copy.
 */
import { type Route, routes } from "../server/routes.ts";
import { type Operation, operations, type Parameter, parameters } from "./operations.ts";
import { schemas } from "./schemas.ts";
import { settingsSchema } from "../../settings/schema/settings-schema.ts";

type Json = Readonly<Record<string, unknown>>;

const INFO = `The API of a machine, on a Unix socket. Changes are staged in a transaction, committed as a generation, and
applied to files and services. A request may say who asks (\`User-Agent\`, one word) and why (\`Sparkler-Message\`,
percent-encoded); both are kept with a commit.`;

/** `version` is that of the system. */
export function describeApi(version: string): Json {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: "3.1.1",
    info: {
      title: "Sparkler",
      version,
      description: INFO.replaceAll("\n", " "),
      license: { name: "Apache-2.0 OR MIT" },
    },
    servers: [{ url: "/", description: "The Unix socket of the machine, /run/api.sock" }],
    paths: Object.fromEntries(
      [...byPath].map(([path, here]) => [
        path,
        Object.fromEntries(here.map((route) => [route.method.toLowerCase(), operationOf(route)])),
      ]),
    ),
    components: { schemas: { Settings: settingsSchema(), ...schemas }, responses: { Refusal: refusal } },
  };
}

/** Every route has an entry; a test holds that. */
function operationOf(route: Route): Json {
  const operation = operations[`${route.method} ${route.path}`] ?? { id: route.path, summary: "" };
  const { id, summary, body, refusals = [] } = operation;
  const given = parametersOf(route, operation);
  const refused = [400, ...refusals, 500].map((status) => [status, { $ref: "#/components/responses/Refusal" }]);
  return {
    operationId: id,
    summary,
    ...(given.length === 0 ? {} : { parameters: given }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonOf(body) } }),
    responses: { ...successOf(operation), ...Object.fromEntries(refused) },
  };
}

function successOf({ id, answer, answerType, textToo, headers, upgrade }: Operation): Json {
  if (upgrade === true) return { 101: { description: "From here on a WebSocket" } };
  const named = Object.entries(headers ?? {}).map(
    ([name, description]) => [name, { description, schema: { type: "string" } }] as const,
  );
  const shown: Json = named.length === 0 ? {} : { headers: Object.fromEntries<unknown>(named) };
  const nothing = { description: "Done" };
  if (answer === undefined) return { 204: { ...nothing, ...shown } };
  const text: Json = textToo === true ? { "application/text": { schema: { type: "string" } } } : {};
  const content = { ...jsonOf(answer, answerType), ...text };
  const success = { 200: { description: "The answer", ...shown, content } };
  return id === "apply" ? { ...success, 204: nothing } : success;
}

function parametersOf(route: Route, operation: Operation): readonly Json[] {
  const open = [...route.path.matchAll(/\{([a-z]+)\}/g)].map(([, name = ""]) => parameterOf(name, "path", operation));
  const query = (route.query ?? []).map((name) => parameterOf(name, "query", operation));
  const match = {
    name: "If-Match",
    in: "header",
    description: "The hash of a plan: refused with 412 unless the commit is exactly what was planned",
    schema: { type: "string" },
  };
  return [...open, ...query, ...(operation.ifMatch === true ? [match] : [])];
}

function parameterOf(name: string, where: "path" | "query", operation: Operation): Json {
  const parameter: Parameter | undefined = operation.parameters?.[name] ?? parameters[name];
  const { description = "", schema = {}, required = false } = parameter ?? {};
  return { name, in: where, description, ...(required ? { required } : {}), schema };
}

function jsonOf(schema: string, type = "application/json"): Json {
  return { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } };
}

const refusal: Json = {
  description: "Refused or failed; the text says why",
  content: { ...jsonOf("Refusal"), "text/plain": { schema: { type: "string" } } },
};
