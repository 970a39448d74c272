/** What the settings engine does for the API server and the boot programs, as one type; `engine.ts` makes one. */
import type { Log } from "../base/log.ts";
import type { ApplyTicket } from "./apply/applier.ts";
import type { ApplyOutcome, NumberedOutcome, ServiceRunner } from "./apply/outcome.ts";
import type { UnitManager } from "./apply/units.ts";
import type { BootClock } from "./confirm/boot-clock.ts";
import type { Unconfirmed } from "./confirm/keeper.ts";
import type { Listener } from "./events.ts";
import type { Explanation } from "./explain/explain.ts";
import type { SettingsResult } from "./fault.ts";
import type { Difference } from "./history/difference.ts";
import type { ChangePlan } from "./plan/change-plan.ts";
import type { ConfigurationFile, Service } from "./services/definition.ts";
import type { CommitAuthor, Generation, ValueOrigin, ValueSource } from "./store/generation.ts";
import type { SettingsFilter } from "./store/live.ts";
import type { StageFault } from "./transactions/transactions.ts";
import type { Tree } from "./tree.ts";

/** What the running image says about itself, in the form of the API's `/os`. */
export type OsInfo = {
  readonly pretty_name: string;
  readonly variant_id: string;
  readonly version_id: string;
  readonly build_id: string;
  readonly arch: string;
};

export type EngineOptions = {
  /** The store file of this OS version; see `storePath()`. */
  readonly storePath: string;
  readonly version: string;
  readonly log: Log;
  /** Folder to treat as `/` for files, generators and read-back; not for `storePath`. */
  readonly root?: string;
  readonly serviceRunner: ServiceRunner;
  /** Looks at units after their commands; without one a command's own word is taken. */
  readonly units?: UnitManager;
  readonly os: OsInfo;
  readonly now?: () => Date;
  /**
   * Called, once, when the store turns out to be damaged while it is open. Settings go on to be served from memory, and
   * have been written to the backup; opening the engine anew makes a new store of them.
   */
  readonly onDamage?: () => void;
  /** Default: that of the kernel. */
  readonly bootClock?: BootClock;
};

export type PatchFault = "invalid-settings" | StageFault;

export type CommitOptions = {
  /** The hash of the plan that was reviewed: refused with `plan-changed` when the commit would not be what it says. */
  readonly expect?: string;
  /**
   * Takes the generation back by itself, as a new generation that is applied, unless `confirm()` comes within so many
   * milliseconds (1 s to 24 h); also when the machine was restarted or lost power meanwhile. Until then every other
   * commit is refused with `unconfirmed`, but for `restore()` of the generation before, which takes it back at once.
   */
  readonly confirmMs?: number;
  /** Applies what was written, soon; the apply is not forgotten over a crash, and its number is in the answer. */
  readonly apply?: boolean;
};

export type Committed = {
  readonly generation: number;
  /** Full names written or removed, sorted. */
  readonly keys: string[];
  /** The number to ask `outcome()` for; with `apply` only. */
  readonly outcome?: number;
};

export type CommitFault =
  | "nothing-pending"
  | "plan-changed"
  | "unconfirmed"
  | "invalid-settings"
  | "generator-failed"
  | "store-failed";

/** What to plan: a staged transaction, or going back to a generation. */
export type PlanSubject = { readonly tx: string } | { readonly restore: number };

export type Engine = {
  /** Live settings, nested, without an outer `settings`. Throws `SettingsFault("invalid-key")` on a malformed name in `keys`. */
  readonly settings: (filter?: SettingsFilter) => Tree;
  /** Stages `body` (a settings object, without the outer `settings`) into `tx`: everything or, with all problems, nothing. */
  readonly patch: (tx: string, body: unknown, origin?: ValueOrigin) => SettingsResult<void, PatchFault>;
  /** Stages `key=value` texts; contracts section 5.4. */
  readonly patchPairs: (tx: string, pairs: readonly string[]) => SettingsResult<void, PatchFault | "invalid-pair">;
  /**
   * Stages the removal of each key and of everything below it, live or staged in `tx`; the outer `settings` may be left
   * out. On commit a default or generated value comes back. Returns the full names that will be removed.
   */
  readonly remove: (tx: string, keys: readonly string[]) => SettingsResult<string[], "invalid-key" | StageFault>;
  /** The values staged; see `pendingRemovals()` for what is removed. */
  readonly pending: (tx: string) => Tree;
  /** Full names that `tx` removes, sorted. */
  readonly pendingRemovals: (tx: string) => string[];
  /** Forgets a transaction and returns the full names that it held. */
  readonly dropTx: (tx: string) => string[];
  readonly listTx: () => string[];
  /** What committing `tx`, or restoring a generation, would do; touches nothing. Secret values are replaced. */
  readonly plan: (
    what: PlanSubject,
  ) => Promise<
    SettingsResult<ChangePlan, "nothing-pending" | "generator-failed" | "unknown-generation" | "invalid-settings">
  >;
  /**
   * Makes what is staged a generation, durable when this resolves. Commits that come at the same time share one flush.
   * What is staged under the name from now on is another transaction; a refused one is put back below it.
   */
  readonly commit: (
    tx: string,
    who: CommitAuthor,
    options?: CommitOptions,
  ) => Promise<SettingsResult<Committed, CommitFault>>;
  /** Brings back exactly the settings of an earlier generation, as a new generation; refused when it is not kept. */
  readonly restore: (
    generation: number,
    who: CommitAuthor,
    options?: CommitOptions,
  ) => Promise<SettingsResult<Committed, CommitFault | "unknown-generation">>;
  /** Lets the generation stay that waits to be confirmed; `generation` must be it when given. Returns its number. */
  readonly confirm: (generation?: number) => Promise<SettingsResult<number, "nothing-unconfirmed" | "store-failed">>;
  /** The generation that waits to be confirmed. */
  readonly unconfirmed: () => Unconfirmed | undefined;
  /** Stages values of generators for keys that are set neither live nor in `tx`; returns their full names. */
  readonly generate: (tx: string) => Promise<SettingsResult<string[], "generator-failed" | PatchFault>>;
  /** Renders and writes the files of the affected services and runs their commands; never throws for what goes wrong there. */
  readonly apply: (keys: readonly string[] | "all") => Promise<ApplyOutcome>;
  /** The same with the number of its outcome at once. What is asked for during an apply is merged into the next one. */
  readonly requestApply: (keys: readonly string[] | "all") => ApplyTicket;
  /** Whether anything is being applied or waits for it. */
  readonly applying: () => boolean;
  /** Resolves when nothing is left to apply. */
  readonly idle: () => Promise<void>;
  /** The last outcome, also across restarts of the program. */
  readonly lastApply: () => ApplyOutcome | undefined;
  /** Where the apply of a number stands; undefined for one that was never given out or is no longer kept. */
  readonly outcome: (number: number) => NumberedOutcome | undefined;
  /** Outcomes kept, newest first. */
  readonly outcomes: () => ApplyOutcome[];
  /** Full name → services, for those names that affect any. */
  readonly affectedServices: (keys: readonly string[]) => Readonly<Record<string, readonly string[]>>;
  /** Full name → name of the generator. */
  readonly settingGenerators: () => Readonly<Record<string, string>>;
  readonly services: (names?: readonly string[]) => SettingsResult<Readonly<Record<string, Service>>, "unknown-name">;
  readonly configurationFiles: (
    names?: readonly string[],
  ) => SettingsResult<Readonly<Record<string, ConfigurationFile>>, "unknown-name">;
  /** Number of the last committed generation. Numbers only grow; after a damaged store they skip ahead. */
  readonly generation: () => number;
  /** The generations kept, newest first. Secret values are replaced, here and in the two below. */
  readonly generations: () => Generation[];
  readonly generationAt: (number: number) => SettingsResult<Generation, "unknown-generation">;
  /** From one generation to another; `to` by default the live one. For what a generation changed see its `changes`. */
  readonly diff: (from: number, to?: number) => SettingsResult<Difference[], "unknown-generation">;
  /** One entry for each setting at or below a key, set or not; the outer `settings` may be left out. */
  readonly explain: (key: string) => SettingsResult<Explanation[], "invalid-key">;
  /** Where a live value came from; undefined when the key is not set. */
  readonly explainSource: (key: string) => ValueSource | undefined;
  /** Calls `listener` with everything that happens from now on; returns what ends it. It must not throw. */
  readonly subscribe: (listener: Listener) => () => void;
  readonly os: OsInfo;
  /** Commits what is still queued and lets go of the store at once; resolves when all is written. */
  readonly close: () => Promise<void>;
};
