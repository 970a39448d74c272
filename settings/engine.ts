/**
 * The settings engine: one object that owns the store of this OS version, serves live settings from memory, stages and
 * commits transactions, and applies them to files and services. The API server and the boot programs stand on it.
 * One process at a time may hold a store open. Contracts sections 1.1, 2, 5.3 and 7.
 */
import type { Log } from "../base/log.ts";
import type { ApplyOutcome, ServiceRunner } from "./apply/outcome.ts";
import type { SettingsResult } from "./fault.ts";
import type { ConfigurationFile, Service } from "./services/definition.ts";
import type { CommitAuthor, ValueOrigin, ValueSource } from "./store/generation.ts";
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
  readonly os: OsInfo;
  readonly now?: () => Date;
};

export type SettingsFilter = {
  /** Full names with `settings.` in front; unknown ones are skipped. Wins over `prefix`. */
  readonly keys?: readonly string[];
  /** Start of a name, as text, with or without `settings.`. */
  readonly prefix?: string;
};

export type PatchFault = "invalid-settings" | "invalid-transaction" | "transaction-limit";

export type Engine = {
  /** Live settings, nested, without an outer `settings`. Throws `SettingsFault("invalid-key")` on a malformed name in `keys`. */
  readonly settings: (filter?: SettingsFilter) => Tree;
  /** Stages `body` (a settings object, without the outer `settings`) into `tx`: everything or, with all problems, nothing. */
  readonly patch: (tx: string, body: unknown, origin?: ValueOrigin) => SettingsResult<void, PatchFault>;
  /** Stages `key=value` texts; contracts section 5.4. */
  readonly patchPairs: (tx: string, pairs: readonly string[]) => SettingsResult<void, PatchFault | "invalid-pair">;
  readonly pending: (tx: string) => Tree;
  /** Forgets a transaction and returns the full names that it held. */
  readonly dropTx: (tx: string) => string[];
  readonly listTx: () => string[];
  /** Makes what is staged a generation, durable when this returns, and returns the full names written. */
  readonly commit: (
    tx: string,
    who: CommitAuthor,
  ) => SettingsResult<string[], "nothing-pending" | "invalid-settings" | "store-failed">;
  /** Stages values of generators for keys that are set neither live nor in `tx`; returns their full names. */
  readonly generate: (tx: string) => Promise<SettingsResult<string[], "generator-failed" | PatchFault>>;
  /** Renders and writes the files of the affected services and runs their commands; never throws for what goes wrong there. */
  readonly apply: (keys: readonly string[] | "all") => Promise<ApplyOutcome>;
  /** The last outcome, also across restarts of the program. */
  readonly lastApply: () => ApplyOutcome | undefined;
  /** Full name → services, for those names that affect any. */
  readonly affectedServices: (keys: readonly string[]) => Readonly<Record<string, readonly string[]>>;
  /** Full name → name of the generator. */
  readonly settingGenerators: () => Readonly<Record<string, string>>;
  readonly services: (names?: readonly string[]) => SettingsResult<Readonly<Record<string, Service>>, "unknown-name">;
  readonly configurationFiles: (
    names?: readonly string[],
  ) => SettingsResult<Readonly<Record<string, ConfigurationFile>>, "unknown-name">;
  /** Number of the last committed generation. */
  readonly generation: () => number;
  /** Where a live value came from; undefined when the key is not set. */
  readonly explainSource: (key: string) => ValueSource | undefined;
  readonly os: OsInfo;
  readonly close: () => void;
};

/** The store file of an OS version; the one owner of that name. */
export function storePath(folder: string, version: string): string {
  return `${folder}/store-${version}.sqlite`;
}

/** Opens, makes, or brings forward the store, mends what the model refuses, and fills missing defaults. */
export function openEngine(options: EngineOptions): Promise<Engine> {
  return Promise.reject(new Error(`not built yet: ${options.version}`));
}
