/** Schemas of what the API takes and answers (JSON Schema 2020-12), but for the settings themselves. */
import { SHOWN_PHASES } from "../server/handlers/host-containers.ts";

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const time: Schema = { type: "string", format: "date-time" };
const whole: Schema = { type: "integer", minimum: 0 };
const duration: Schema = { type: "number", minimum: 0, description: "Milliseconds" };
const bool: Schema = { type: "boolean" };

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const list = (items: Schema): Schema => ({ type: "array", items });
const map = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
const oneOf = (...words: readonly string[]): Schema => ({ type: "string", enum: words });

/** An object without other members; names with a question mark may be absent. */
function object(members: Readonly<Record<string, Schema>>, description?: string): Schema {
  const names = Object.keys(members);
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ""), members[name]])),
    required: names.filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

const value: Schema = { description: "A text, a number, true or false, or a list of them" };
const keysOrAll: Schema = { oneOf: [list(text), { const: "all" }] };

const outcomeMembers: Readonly<Record<string, Schema>> = {
  number: whole,
  first: { ...whole, description: "The lowest number that this outcome answers for" },
  ok: { ...bool, description: "Whether every file and service is as wanted" },
  generation: whole,
  at: time,
  durationMs: duration,
  keys: keysOrAll,
  files: list(ref("FileOutcome")),
  services: list(ref("ServiceOutcome")),
  "stillFailing?": list(text),
};

export const schemas: Readonly<Record<string, Schema>> = {
  Model: object({
    "settings?": ref("Settings"),
    "services?": ref("Services"),
    "configuration-files?": ref("ConfigurationFiles"),
    "os?": ref("Os"),
  }),
  Os: object({ "pretty_name?": text, "variant_id?": text, "version_id?": text, "build_id?": text, "arch?": text }),
  Names: list(text),
  Lists: map(list(text)),
  Texts: map(text),
  Pairs: object({ request_payload: list({ type: "string", pattern: "=" }) }),
  EphemeralInit: object({
    "filesystem?": { oneOf: [{ type: "null" }, { type: "string", enum: ["Xfs", "Ext4"] }] },
    "disks?": { oneOf: [{ type: "null" }, list(text)] },
  }),
  EphemeralBind: object({ targets: list(text) }),
  Services: map(object({ "configuration-files": list(text), "restart-commands": list(text) })),
  ConfigurationFiles: map(
    object({ path: text, "template-path": text, mode: { type: "string", pattern: "^[0-7]{4}$" } }),
  ),
  Status: object({
    generation: whole,
    applied: { type: ["integer", "null"] },
    applying: bool,
    unconfirmed: { oneOf: [{ type: "null" }, object({ generation: whole, base: whole, leftMs: duration })] },
  }),
  HostContainers: list(
    object({
      name: text,
      "source?": text,
      enabled: bool,
      superpowered: bool,
      phase: oneOf(...SHOWN_PHASES),
      "why?": { ...text, description: "What went wrong last, where it is failing" },
    }),
  ),
  ApplyStatus: object({ applying: bool, last: { oneOf: [{ type: "null" }, ref("Outcome")] } }),
  Confirmed: object({ generation: whole }),
  Author: object({
    source: { ...text, description: "The program, as it calls itself" },
    "uid?": { ...whole, description: "As the kernel tells; absent when it is not known" },
    "pid?": whole,
    "process?": text,
    "container?": text,
    "message?": text,
  }),
  Origin: object({ kind: oneOf("default", "generator", "user-data", "api"), "detail?": text }),
  Source: object({
    kind: oneOf("default", "generator", "user-data", "api"),
    "detail?": text,
    generation: whole,
    at: time,
    by: text,
  }),
  Generations: list(object({ number: whole, at: time, author: ref("Author"), keys: list(text) })),
  Generation: object({ number: whole, at: time, author: ref("Author"), changes: list(ref("Change")) }),
  Change: object({
    name: text,
    "before?": value,
    "beforeOrigin?": ref("Origin"),
    "after?": value,
    "afterOrigin?": ref("Origin"),
  }),
  Differences: list(object({ key: text, "from?": value, "to?": value })),
  Plan: object({
    hash: text,
    base: { ...whole, description: "The generation that it was made against" },
    changes: list(object({ key: text, "from?": value, "to?": value, kind: oneOf("add", "change", "remove", "same") })),
    files: list(object({ name: text, path: text, diff: text, "problem?": text })),
    services: list(
      object({ name: text, effect: oneOf("none", "run", "reload", "restart"), commands: list(list(text)) }),
    ),
    reboot: list(text),
  }),
  FileOutcome: object({
    name: text,
    path: text,
    state: oneOf("written", "unchanged", "failed", "skipped"),
    durationMs: duration,
    "problem?": text,
  }),
  Step: object({ step: text, state: oneOf("done", "failed", "skipped"), durationMs: duration, "problem?": text }),
  ServiceOutcome: object({
    name: text,
    state: oneOf("applied", "failed", "skipped"),
    commands: list(ref("Step")),
    checks: list(ref("Step")),
    "journal?": list(object({ unit: text, lines: list(text) })),
  }),
  Outcome: object(outcomeMembers),
  Outcomes: list(ref("Outcome")),
  NumberedOutcome: {
    oneOf: [
      object({ number: whole, state: oneOf("waiting", "applying", "interrupted") }),
      object({ ...outcomeMembers, state: { const: "done" } }),
    ],
  },
  Applied: ref("Outcome"),
  Explanations: list(
    object({
      key: text,
      "value?": value,
      "source?": ref("Source"),
      "default?": value,
      "generator?": text,
      services: list(text),
      files: list(text),
      lastApply: list(
        object({
          number: whole,
          generation: whole,
          at: time,
          service: text,
          state: oneOf("applied", "failed", "skipped"),
          files: list(
            object({ path: text, state: oneOf("written", "unchanged", "failed", "skipped"), "problem?": text }),
          ),
          "problem?": text,
        }),
      ),
    }),
  ),
  Events: { type: "string", description: "Server-sent events; the data of each is one JSON object with its kind" },
  Document: { type: "object", description: "OpenAPI 3.1" },
  Problem: object({ path: text, message: text, "wanted?": text, "got?": text, "source?": text }),
  Refusal: object(
    { code: text, message: text, problems: list(ref("Problem")) },
    "Given to who accepts JSON; others get the same as text",
  ),
};
