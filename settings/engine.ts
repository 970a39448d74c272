/**
 * The settings engine: one object that owns the store of this OS version, serves live settings from memory, stages and
 * commits transactions, and applies them to files and services. The API server and the boot programs stand on it.
 * One process at a time may hold a store open. Contracts sections 1.1, 2, 5.3 and 7.
 */
import type { Log } from "../base/log.ts";
import { Applier } from "./apply/applier.ts";
import type { ApplyOutcome, ServiceRunner } from "./apply/outcome.ts";
import { refuse, type SettingsResult } from "./fault.ts";
import { generate } from "./generators/generate.ts";
import { formatKey, parseKey } from "./key.ts";
import { type Decoded, decodeSettings } from "./model/decode.ts";
import { affectedServices, settingGenerators } from "./model/describe.ts";
import { shownPath } from "./model/problem.ts";
import type { ConfigurationFile, Service } from "./services/definition.ts";
import { configurationFiles, services } from "./services/table.ts";
import { commitEdits } from "./store/commit.ts";
import type { CommitAuthor, ValueOrigin, ValueSource } from "./store/generation.ts";
import { isAtOrBelow, liveTree, type SettingsFilter } from "./store/live.ts";
import { planMending } from "./store/mend.ts";
import { openStore } from "./store/open.ts";
import type { Store } from "./store/store.ts";
import { decodePairs } from "./transactions/pairs.ts";
import { Transactions } from "./transactions/transactions.ts";
import type { Tree } from "./tree.ts";

export type { SettingsFilter } from "./store/live.ts";

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

/**
 * Opens, makes, or brings forward the store, mends what the model refuses, and fills missing defaults. Throws
 * `Fault` with `store-corrupt` (the file is left as it is; trying again does not help) or `store-failed`.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const now = options.now ?? ((): Date => new Date());
  const store = await openStore({ path: options.storePath, version: options.version, log: options.log, now });
  try {
    mend(store, options, now);
    return buildEngine(store, options, now);
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}

function mend(store: Store, { log, version }: EngineOptions, now: () => Date): void {
  const { edits, problems } = planMending(store.live);
  for (const problem of problems) log.error("A stored setting is not valid and is taken out", { ...problem });
  if (edits.size === 0) return;
  const message = problems.length === 0 ? "missing defaults" : "missing defaults, and values that are not valid";
  store.commit(edits, { source: "settings-store", message: `${message}, version ${version}` }, now());
}

function buildEngine(store: Store, options: EngineOptions, now: () => Date): Engine {
  const { log } = options;
  const root = options.root ?? "/";
  const transactions = new Transactions();
  const settings = (): Tree => liveTree(store.live);
  const applier = new Applier({ store, log, root, runner: options.serviceRunner, now, settings });

  const stage = (tx: string, decoded: Decoded, origin: ValueOrigin): SettingsResult<void, PatchFault> => {
    if (decoded.problems.length > 0) return refuse("invalid-settings", "Cannot take these settings", decoded.problems);
    return transactions.stage(tx, new Map([...decoded.pairs].map(([name, value]) => [name, { value, origin }])));
  };

  return {
    settings: (filter = {}) => liveTree(store.live, filter),
    patch: (tx, body, origin = { kind: "api" }) => stage(tx, decodeSettings(body), origin),
    patchPairs(tx, texts) {
      const decoded = decodePairs(texts);
      const problems = [...decoded.unreadable, ...decoded.problems];
      if (decoded.unreadable.length > 0) return refuse("invalid-pair", "Cannot take these settings", problems);
      return stage(tx, decoded, { kind: "api" });
    },
    pending: (tx) => transactions.tree(tx),
    dropTx: (tx) => transactions.drop(tx),
    listTx: () => transactions.list(),
    commit(tx, who) {
      const done = commitEdits(store, transactions.edits(tx), who, now());
      if (done.ok) transactions.drop(tx);
      return done;
    },
    async generate(tx) {
      const isSet = (name: string): boolean =>
        [...store.live.keys(), ...transactions.edits(tx).keys()].some((each) => isAtOrBelow(each, name));
      const made = await generate({ root, log, isSet });
      if (!made.ok) return made;
      const staged = transactions.stage(tx, made.value);
      return staged.ok ? { ok: true, value: [...made.value.keys()] } : staged;
    },
    apply: (keys) => applier.apply(keys),
    lastApply: () => applier.last(),
    affectedServices,
    settingGenerators,
    services: (names) => pick("service", services, names),
    configurationFiles: (names) => pick("configuration file", configurationFiles, names),
    generation: () => store.generation,
    explainSource(name) {
      const key = parseKey(name);
      return key.ok ? store.live.get(formatKey(key.value))?.source : undefined;
    },
    os: options.os,
    close: () => store.close(),
  };
}

function pick<T>(
  what: string,
  table: Readonly<Record<string, T>>,
  names?: readonly string[],
): SettingsResult<Readonly<Record<string, T>>, "unknown-name"> {
  if (names === undefined) return { ok: true, value: table };
  const unknown = names.filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0) {
    const problems = unknown.map((name) => ({ path: shownPath([name]), message: `is not the name of a ${what}` }));
    return refuse("unknown-name", `Cannot find every ${what}`, problems);
  }
  return { ok: true, value: Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name))) };
}
