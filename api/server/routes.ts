/** Every endpoint of the API, as data: contracts sections 5.3 and 5.4, and our own, which api/README.md lists. */
import type { Handler } from "./answer.ts";
import { reboot } from "./handlers/actions.ts";
import { bindEphemeral, initEphemeral, listEphemeralDirs, listEphemeralDisks } from "./handlers/ephemeral.ts";
import { events, openapi } from "./handlers/events.ts";
import { exec } from "./handlers/exec.ts";
import { confirm, diffGeneration, getGeneration, listGenerations, restoreGeneration } from "./handlers/generations.ts";
import { affectedServices, settingGenerators, templates } from "./handlers/metadata.ts";
import { getModel, getOs } from "./handlers/model.ts";
import { getOutcome, latestOutcome, listOutcomes } from "./handlers/outcomes.ts";
import { explain, plan } from "./handlers/plan.ts";
import { getConfigurationFiles, getServices } from "./handlers/services.ts";
import { getSettings, patchPairs, patchSettings, removeSettings } from "./handlers/settings.ts";
import { listHostContainers } from "./handlers/host-containers.ts";
import { applyStatus, status } from "./handlers/status.ts";
import { apply, commit, commitAndApply, dropTx, generate, getTx, listTx } from "./handlers/transactions.ts";

export type Method = "GET" | "PATCH" | "POST" | "DELETE";

export type Route = {
  readonly method: Method;
  /** At most one part may be left open, as `{number}`. */
  readonly path: string;
  /** Parameters the endpoint knows; all others are refused, so that a misspelt one is not ignored. */
  readonly query?: readonly string[];
  readonly body?: "json";
  readonly handler: Handler;
};

// oxfmt-ignore
export const routes: readonly Route[] = [
  { method: "GET", path: "/", query: ["prefix"], handler: getModel },
  { method: "GET", path: "/os", query: ["prefix"], handler: getOs },
  { method: "GET", path: "/settings", query: ["keys", "prefix"], handler: getSettings },
  { method: "PATCH", path: "/settings", query: ["tx", "from"], body: "json", handler: patchSettings },
  { method: "DELETE", path: "/settings", query: ["keys", "tx"], handler: removeSettings },
  { method: "PATCH", path: "/settings/keypair", query: ["tx"], body: "json", handler: patchPairs },
  { method: "GET", path: "/tx", query: ["tx"], handler: getTx },
  { method: "DELETE", path: "/tx", query: ["tx"], handler: dropTx },
  { method: "GET", path: "/tx/list", handler: listTx },
  { method: "POST", path: "/tx/generate", query: ["tx"], handler: generate },
  { method: "POST", path: "/tx/commit", query: ["tx", "confirm"], handler: commit },
  { method: "POST", path: "/tx/apply", query: ["keys", "wait"], handler: apply },
  { method: "POST", path: "/tx/commit_and_apply", query: ["tx", "confirm"], handler: commitAndApply },
  { method: "POST", path: "/plan", query: ["tx", "restore"], handler: plan },
  { method: "POST", path: "/confirm", query: ["generation"], handler: confirm },
  { method: "GET", path: "/generations", handler: listGenerations },
  { method: "GET", path: "/generations/{number}", handler: getGeneration },
  { method: "GET", path: "/generations/{number}/diff", query: ["to"], handler: diffGeneration },
  { method: "POST", path: "/generations/{number}/restore", query: ["confirm"], handler: restoreGeneration },
  { method: "GET", path: "/apply", handler: listOutcomes },
  { method: "GET", path: "/apply/latest", handler: latestOutcome },
  { method: "GET", path: "/apply/{number}", query: ["wait"], handler: getOutcome },
  { method: "GET", path: "/explain", query: ["key"], handler: explain },
  { method: "GET", path: "/events", handler: events },
  { method: "GET", path: "/exec", handler: exec },
  { method: "GET", path: "/openapi.json", handler: openapi },
  { method: "GET", path: "/metadata/affected-services", query: ["keys"], handler: affectedServices },
  { method: "GET", path: "/metadata/setting-generators", handler: settingGenerators },
  { method: "GET", path: "/metadata/templates", query: ["keys"], handler: templates },
  { method: "GET", path: "/services", query: ["names", "prefix"], handler: getServices },
  { method: "GET", path: "/configuration-files", query: ["names", "prefix"], handler: getConfigurationFiles },
  { method: "GET", path: "/status", handler: status },
  { method: "GET", path: "/status/apply", handler: applyStatus },
  { method: "GET", path: "/host-containers", handler: listHostContainers },
  { method: "POST", path: "/actions/reboot", handler: reboot },
  { method: "POST", path: "/actions/ephemeral-storage/init", body: "json", handler: initEphemeral },
  { method: "POST", path: "/actions/ephemeral-storage/bind", body: "json", handler: bindEphemeral },
  { method: "GET", path: "/actions/ephemeral-storage/list-disks", query: ["format"], handler: listEphemeralDisks },
  { method: "GET", path: "/actions/ephemeral-storage/list-dirs", query: ["format"], handler: listEphemeralDirs },
];
