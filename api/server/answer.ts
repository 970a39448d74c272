/** What handlers work with: a call that has been read, and the answers they give. */
import type { Log } from "../../base/log.ts";
import type { Result } from "../../base/result.ts";
import type { Status } from "../../containers/host/status.ts";
import type { Engine } from "../../settings/engine.ts";
import type { CommitAuthor } from "../../settings/store/generation.ts";
import type { ExecHall } from "../exec/hall.ts";
import type { HttpAnswer } from "../http/message.ts";
import type { FindCaller } from "../peer/caller.ts";
import type { ApplyQueue } from "./apply-queue.ts";
import type { EphemeralStorage } from "./ephemeral-unit.ts";
import type { EventHub } from "./event-hub.ts";
import type { SettingsCache } from "./settings-cache.ts";

export type ApiCall = {
  /** Parameters that the route knows, each once and none empty. */
  readonly query: ReadonlyMap<string, string>;
  /** The part of the path that the route leaves open, `""` when it has none. */
  readonly part: string;
  /** The JSON of a route with a body; else undefined. */
  readonly body: unknown;
  /** Header fields, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Who asks, as far as it can be known. */
  readonly author: () => CommitAuthor;
};

export type Context = {
  readonly engine: Engine;
  readonly applies: ApplyQueue;
  readonly events: EventHub;
  readonly cache: SettingsCache;
  readonly exec: ExecHall;
  readonly findCaller: FindCaller;
  readonly log: Log;
  readonly ephemeral: EphemeralStorage;
  /** What the runners of host and bootstrap containers say, by id. */
  readonly hostContainerStatuses: () => Promise<ReadonlyMap<string, Status>>;
  readonly reboot: () => Promise<Result<unknown>>;
};

export type Answer = {
  /** Default 200 with something to say, 204 without. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Plain text. */
  readonly text?: string;
  /** JSON that is bytes already. */
  readonly jsonBytes?: Uint8Array;
  readonly stream?: NonNullable<HttpAnswer["stream"]>;
  readonly upgrade?: NonNullable<HttpAnswer["upgrade"]>;
};

/** Failures are thrown as `Fault`; `errors.ts` says which status each code becomes. */
export type Handler = (call: ApiCall, context: Context) => Answer | Promise<Answer>;

export const done: Answer = {};

export function json(value: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return headers === undefined ? { json: value } : { json: value, headers };
}
