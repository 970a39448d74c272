/** Puts the parts of an engine together around an open store. */
import { Applier } from "./apply/applier.ts";
import { OutcomeLog } from "./apply/outcome-log.ts";
import type { BootClock } from "./confirm/boot-clock.ts";
import { type Confirmation, CONFIRM_NOTE } from "./confirm/confirmation.ts";
import { ConfirmKeeper, takeBack } from "./confirm/keeper.ts";
import { Events } from "./events.ts";
import { explain } from "./explain/explain.ts";
import { refuse, type SettingsResult } from "./fault.ts";
import { generate } from "./generators/generate.ts";
import { history } from "./history/history.ts";
import { restoringEdits } from "./history/restore.ts";
import { formatKey, parseKey } from "./key.ts";
import { type Decoded, decodeSettings } from "./model/decode.ts";
import { affectedServices, settingGenerators } from "./model/describe.ts";
import { shownPath } from "./model/problem.ts";
import type { Engine, EngineOptions, PatchFault } from "./operations.ts";
import { planSubject } from "./plan/plan-subject.ts";
import { configurationFiles, services } from "./services/table.ts";
import { backupContent, BackupWriter } from "./store/backup.ts";
import type { ValueOrigin } from "./store/generation.ts";
import { isAtOrBelow, liveTree } from "./store/live.ts";
import type { Store } from "./store/store.ts";
import { CommitQueue } from "./transactions/commit-queue.ts";
import { Committer } from "./transactions/committer.ts";
import { decodePairs } from "./transactions/pairs.ts";
import { planRemoval, resolveRemovals } from "./transactions/removal.ts";
import { Transactions } from "./transactions/transactions.ts";

export type EngineParts = {
  readonly store: Store;
  readonly options: EngineOptions;
  readonly now: () => Date;
  readonly clock: BootClock;
  /** Keys that are not as applied in this boot, and have to be applied anew. */
  readonly unapplied: readonly string[];
};

/** How soon taking back is tried again when the store could not be written. */
const RETRY_MS = 5000;

export function buildEngine(parts: EngineParts): Engine {
  const { store, options } = parts;
  const { log } = options;
  const root = options.root ?? "/";
  const transactions = new Transactions();
  const events = new Events();
  const outcomes = new OutcomeLog(store, log);
  const applier = makeApplier(parts, { events, outcomes });
  const queue = new CommitQueue(store);
  const keeper: ConfirmKeeper = new ConfirmKeeper({
    clock: parts.clock,
    log,
    note: () => store.notes.get(CONFIRM_NOTE),
    overdue: (confirmation, reason) => void comeBack(confirmation, reason),
  });
  const committer = new Committer({
    queue,
    applier,
    outcomes,
    events,
    log,
    clock: parts.clock,
    now: parts.now,
    rearm: () => keeper.arm(),
  });

  const comeBack = async (confirmation: Confirmation, reason: string): Promise<void> => {
    const { generation: reverted } = confirmation;
    const done = await queue.submit((batch, after) => {
      // Confirmed, or taken back by hand, in the meantime.
      if (batch.note(CONFIRM_NOTE) !== store.notes.get(CONFIRM_NOTE) || keeper.waiting()?.generation !== reverted) {
        return { ok: true, value: undefined };
      }
      const made = batch.add(takeBack(confirmation, reason, parts.now()));
      const keys = [...confirmation.undo.keys()];
      after(() => {
        log.warn("Settings that were not confirmed are taken back", { generation: reverted, by: made.number, reason });
        events.emit({ kind: "commit", generation: made.number, at: made.at, author: made.author, keys });
        events.emit({ kind: "revert", generation: made.number, reverted, reason });
        applier.request(keys);
      });
      return { ok: true, value: undefined };
    });
    if (done.ok) return;
    log.error("Settings could not be taken back and will be tried again", { reason: done.fault.message });
    setTimeout(() => keeper.arm(), RETRY_MS).unref();
  };

  const stage = (tx: string, decoded: Decoded, origin: ValueOrigin): SettingsResult<void, PatchFault> => {
    if (decoded.problems.length > 0) return refuse("invalid-settings", "Cannot take these settings", decoded.problems);
    return transactions.stage(tx, new Map([...decoded.pairs].map(([name, value]) => [name, { value, origin }])));
  };

  keeper.arm();
  const backup = new BackupWriter(store.path, () => backupContent(store, keeper.waiting(), outcomes.given), log);
  events.subscribe(({ kind }) => {
    if (kind === "commit" || kind === "confirm") backup.soon();
  });
  backup.soon();
  resume(parts, { applier, outcomes });

  return {
    settings: (filter = {}) => liveTree(store.live, filter),
    patch: (tx, body, origin = { kind: "api" }) => stage(tx, decodeSettings(body), origin),
    patchPairs(tx, texts) {
      const decoded = decodePairs(texts);
      const problems = [...decoded.unreadable, ...decoded.problems];
      if (decoded.unreadable.length > 0) return refuse("invalid-pair", "Cannot take these settings", problems);
      return stage(tx, decoded, { kind: "api" });
    },
    remove(tx, keys) {
      const planned = planRemoval(keys, new Set([...store.live.keys(), ...transactions.edits(tx).keys()]));
      if (!planned.ok) return planned;
      const staged = transactions.stage(tx, planned.value);
      return staged.ok ? { ok: true, value: [...planned.value.keys()].sort() } : staged;
    },
    pending: (tx) => transactions.tree(tx),
    pendingRemovals: (tx) => transactions.removals(tx),
    dropTx: (tx) => transactions.drop(tx),
    listTx: () => transactions.list(),
    plan: (what) => planSubject(what, { store, transactions, root, log }),
    async commit(tx, who, commitOptions = {}) {
      const edits = transactions.take(tx);
      if (edits.size === 0) return refuse("nothing-pending", "Cannot commit: nothing is pending");
      const resolved = await resolveRemovals(edits, { root, log });
      const done = resolved.ok
        ? await committer.commit<never>({ who, options: commitOptions, edits: () => resolved })
        : resolved;
      if (!done.ok) transactions.putBack(tx, edits);
      return done;
    },
    restore: (generation, who, commitOptions = {}) =>
      committer.commit({
        who,
        options: commitOptions,
        restores: generation,
        edits: (batch) => restoringEdits(store, batch, generation),
      }),
    confirm: (generation) => committer.confirm(generation),
    unconfirmed: () => keeper.shown(),
    async generate(tx) {
      const isSet = (name: string): boolean =>
        [...store.live.keys(), ...transactions.edits(tx).keys()].some((each) => isAtOrBelow(each, name));
      const made = await generate({ root, log, isSet });
      if (!made.ok) return made;
      const staged = transactions.stage(tx, made.value);
      return staged.ok ? { ok: true, value: [...made.value.keys()] } : staged;
    },
    apply: (keys) => applier.request(keys).done,
    requestApply: (keys) => applier.request(keys),
    applying: () => applier.busy,
    idle: () => applier.idle(),
    lastApply: () => applier.last(),
    outcome: (number) => applier.outcome(number),
    outcomes: () => outcomes.outcomes(),
    affectedServices,
    settingGenerators,
    services: (names) => pick("service", services, names),
    configurationFiles: (names) => pick("configuration file", configurationFiles, names),
    generation: () => store.generation,
    ...history(store),
    explain: (key) => explain(key, { live: store.live, outcomes: outcomes.outcomes() }),
    explainSource(name) {
      const key = parseKey(name);
      return key.ok ? store.live.get(formatKey(key.value))?.source : undefined;
    },
    subscribe: (listener) => events.subscribe(listener),
    os: options.os,
    close() {
      keeper[Symbol.dispose]();
      queue.flush();
      const saved = backup.close();
      store.close();
      return saved;
    },
  };
}

type ApplyParts = { readonly events: Events; readonly outcomes: OutcomeLog };

function makeApplier({ store, options, now }: EngineParts, { events, outcomes }: ApplyParts): Applier {
  return new Applier({
    outcomes,
    events,
    log: options.log,
    root: options.root ?? "/",
    runner: options.serviceRunner,
    units: options.units,
    now,
    live: () => ({ generation: store.generation, settings: liveTree(store.live) }),
  });
}

/** What was to be applied when the program ended: at once in the same boot; after another, booting applies everything. */
function resume({ clock, unapplied }: EngineParts, parts: { applier: Applier; outcomes: OutcomeLog }): void {
  const { applier, outcomes } = parts;
  const keys = new Set(unapplied);
  for (const wanted of outcomes.wanted()) {
    applier.owe(wanted.number);
    if (wanted.bootId === clock.bootId) for (const key of wanted.keys) keys.add(key);
  }
  if (keys.size > 0) applier.request([...keys]);
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
