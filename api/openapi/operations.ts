/** What each endpoint is for, in words and by schema: what `routes.ts` does not say, and the document needs. */

export type Parameter = { readonly description: string; readonly schema: object; readonly required?: boolean };

export type Operation = {
  readonly id: string;
  readonly summary: string;
  /** Name of a schema in `schemas.ts`; without one the answer is 204 and empty. */
  readonly answer?: string;
  readonly answerType?: "application/json" | "text/event-stream";
  /** The answer may also be lines of plain text. */
  readonly textToo?: boolean;
  readonly body?: string;
  /** Parameters whose meaning here is not that of `parameters`. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** Header fields that are read, beside those that every request may have. */
  readonly ifMatch?: boolean;
  /** Whether the answer is 101, and then another protocol. */
  readonly upgrade?: boolean;
  /** Header fields of the answer: name → description. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses of refusals beside 400 and 500, which any endpoint may give. */
  readonly refusals?: readonly number[];
};

const text = { type: "string" };
const whole = { type: "integer", minimum: 0 };

/** What parameters mean wherever they appear, unless an operation says otherwise. */
export const parameters: Readonly<Record<string, Parameter>> = {
  tx: { description: "Name of the transaction; `default` without it", schema: text },
  keys: { description: "Full names of settings, separated by commas", schema: text },
  prefix: { description: "Start of the names wanted, as text; the section's name may stand before it", schema: text },
  names: { description: "Names wanted, separated by commas; an unknown one is refused", schema: text },
  from: { description: "Where the values come from: `user-data:FILE`", schema: text },
  wait: {
    description: "Answer when applying has come to its end",
    schema: { type: "string", enum: ["true", "false"] },
  },
  confirm: {
    description: "Seconds after which the generation before comes back by itself unless this one is confirmed",
    schema: whole,
  },
  restore: { description: "Plan going back to this generation, instead of a transaction", schema: whole },
  to: { description: "The generation to compare with; what is live without it", schema: whole },
  generation: { description: "The generation to confirm; whichever waits without it", schema: whole },
  format: { description: "`text`, a name per line, or `json`", schema: { type: "string", enum: ["text", "json"] } },
  key: { description: "A setting or a group of them; `settings.` may be left out", schema: text, required: true },
  number: { description: "The number", schema: whole, required: true },
};

const required = (name: string): Readonly<Record<string, Parameter>> => {
  const parameter = parameters[name];
  return parameter === undefined ? {} : { [name]: { ...parameter, required: true } };
};

const generationHeader = { "Sparkler-Generation": "Number of the generation made" };
const committedHeaders = { ...generationHeader, Location: "Where the outcome of applying is, or will be" };
const commitRefusals = [409, 412, 422] as const;

/** By method and path as in `routes.ts`. */
// oxfmt-ignore
export const operations: Readonly<Record<string, Operation>> = {
  "GET /": { id: "getModel", summary: "Everything: settings, services, configuration files, the system", answer: "Model" },
  "GET /os": { id: "getOs", summary: "What the image says about itself", answer: "Os" },
  "GET /settings": { id: "getSettings", summary: "Live settings; unknown keys are skipped", answer: "Settings" },
  "PATCH /settings": { id: "patchSettings", summary: "Stage settings: all of them or, with every problem, none", body: "Settings", refusals: [409, 413] },
  "DELETE /settings": { id: "removeSettings", summary: "Stage removal; on commit a default or generated value comes back", answer: "Names", parameters: required("keys"), refusals: [409] },
  "PATCH /settings/keypair": { id: "patchPairs", summary: "Stage settings given as key=value", body: "Pairs", refusals: [409, 413] },
  "GET /tx": { id: "getTransaction", summary: "Values staged", answer: "Settings" },
  "DELETE /tx": { id: "dropTransaction", summary: "Forget what is staged", answer: "Names" },
  "GET /tx/list": { id: "listTransactions", summary: "Names of transactions with something staged", answer: "Names" },
  "POST /tx/generate": { id: "generate", summary: "Stage generated values of settings that nobody has set", answer: "Names", refusals: [409] },
  "POST /tx/commit": { id: "commit", summary: "Make what is staged a generation", answer: "Names", ifMatch: true, headers: generationHeader, refusals: commitRefusals },
  "POST /tx/apply": { id: "apply", summary: "Render files and restart services, of some keys or all", answer: "Applied" },
  "POST /tx/commit_and_apply": { id: "commitAndApply", summary: "Commit, then apply what changed; does not wait for applying", answer: "Names", ifMatch: true, headers: committedHeaders, refusals: commitRefusals },
  "POST /plan": { id: "plan", summary: "What committing, or going back, would do; touches nothing", answer: "Plan", headers: { ETag: "The hash of the plan, for If-Match of a commit" }, refusals: [404, 422] },
  "POST /confirm": { id: "confirm", summary: "Let the generation stay that waits to be confirmed", answer: "Confirmed", refusals: [409] },
  "GET /generations": { id: "listGenerations", summary: "Generations kept, newest first", answer: "Generations" },
  "GET /generations/{number}": { id: "getGeneration", summary: "One generation and the values that it changed", answer: "Generation", refusals: [404] },
  "GET /generations/{number}/diff": { id: "diffGeneration", summary: "From that generation to another", answer: "Differences", refusals: [404] },
  "POST /generations/{number}/restore": { id: "restoreGeneration", summary: "Bring back exactly those settings as a new generation, and apply them", answer: "Names", ifMatch: true, headers: committedHeaders, refusals: [404, 409, 412] },
  "GET /apply": { id: "listOutcomes", summary: "Outcomes kept, newest first", answer: "Outcomes" },
  "GET /apply/latest": { id: "latestOutcome", summary: "The last outcome", answer: "NumberedOutcome", refusals: [404] },
  "GET /apply/{number}": { id: "getOutcome", summary: "Where an apply stands, and what came of it", answer: "NumberedOutcome", refusals: [404] },
  "GET /explain": { id: "explain", summary: "Values, where they came from, what they reach, how that went", answer: "Explanations" },
  "GET /events": { id: "events", summary: "What happens, as it happens: commit, confirm, revert, apply-start, apply, unit-failed", answer: "Events", answerType: "text/event-stream", refusals: [503] },
  "GET /exec": { id: "exec", summary: "Run a process in a container: a WebSocket of binary messages (input, output) and JSON ones (Initialize, Winch, ContentComplete, Capacity); closes with the exit status as its reason", upgrade: true, refusals: [426, 503] },
  "GET /openapi.json": { id: "openapi", summary: "This document", answer: "Document" },
  "GET /metadata/affected-services": { id: "affectedServices", summary: "Services that follow each key", answer: "Lists", parameters: required("keys") },
  "GET /metadata/setting-generators": { id: "settingGenerators", summary: "Generator of each setting that has one", answer: "Texts" },
  "GET /metadata/templates": { id: "templates", summary: "Templates of settings; there are none", answer: "Texts", parameters: required("keys") },
  "GET /services": { id: "getServices", summary: "Services: their files, and what is run for them", answer: "Services", refusals: [404] },
  "GET /configuration-files": { id: "getConfigurationFiles", summary: "Files that settings make", answer: "ConfigurationFiles", refusals: [404] },
  "GET /status": { id: "status", summary: "Which generation is live, applied, unconfirmed", answer: "Status" },
  "GET /status/apply": { id: "applyStatus", summary: "The last outcome, or null", answer: "ApplyStatus" },
  "GET /host-containers": { id: "listHostContainers", summary: "How far each host container is, and what is wrong with it", answer: "HostContainers" },
  "POST /actions/reboot": { id: "reboot", summary: "Restart the machine, unless something inhibits it" },
  "POST /actions/ephemeral-storage/init": { id: "initEphemeralStorage", summary: "Make one file system of ephemeral disks, or of all there are; what is made already stays", body: "EphemeralInit", refusals: [409] },
  "POST /actions/ephemeral-storage/bind": { id: "bindEphemeralStorage", summary: "Put folders on ephemeral storage", body: "EphemeralBind", refusals: [409] },
  "GET /actions/ephemeral-storage/list-disks": { id: "listEphemeralDisks", summary: "The ephemeral disks that there are", answer: "Names", textToo: true },
  "GET /actions/ephemeral-storage/list-dirs": { id: "listEphemeralDirs", summary: "Folders that can be put on ephemeral storage", answer: "Names", textToo: true },
};
