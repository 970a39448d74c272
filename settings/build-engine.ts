/** Puts the parts of an engine together around an open store. */
import type { Log } from "../base/log.ts";
import { reason } from "../base/result.ts";
import { Applier } from "./apply/applier.ts";
import { OutcomeLog } from "./apply/outcome-log.ts";
import type { BootClock } from "./confirm/boot-clock.ts";
import { comeBack } from "./confirm/come-back.ts";
import { CONFIRM_NOTE } from "./confirm/confirmation.ts";
import { ConfirmKeeper } from "./confirm/keeper.ts";
import { Events } from "./events.ts";
import { explain } from "./explain/explain.ts";
import { refuse } from "./fault.ts";
import { history } from "./history/history.ts";
import { restoringEdits } from "./history/restore.ts";
import { formatKey, parseKey } from "./key.ts";
import { affectedServices, settingGenerators } from "./model/describe.ts";
import type { Engine, EngineOptions } from "./operations.ts";
import { planSubject } from "./plan/plan-subject.ts";
import { tables } from "./services/lookup.ts";
import { backupContent, BackupWriter } from "./store/backup.ts";
import { liveTree } from "./store/live.ts";
import type { Store } from "./store/store.ts";
import { CommitQueue } from "./transactions/commit-queue.ts";
import { Committer } from "./transactions/committer.ts";
import { resolveRemovals } from "./transactions/removal.ts";
import { staging } from "./transactions/staging.ts";
import { Transactions } from "./transactions/transactions.ts";

export type EngineParts = {
  readonly store: Store;
  readonly options: EngineOptions;
  readonly now: () => Date;
  readonly clock: BootClock;
};

export function buildEngine(parts: EngineParts): Engine {
  const { store, options } = parts;
  const { log, root = "/" } = options;
  const transactions = new Transactions();
  const events = new Events();
  const outcomes = new OutcomeLog(store, log);
  const applier = makeApplier(parts, { events, outcomes });
  const queue = new CommitQueue(store);
  const rearm = (): void => keeper.arm();
  const shared = { queue, outcomes, applier, events, clock: parts.clock, log, now: parts.now, rearm };
  const keeper: ConfirmKeeper = new ConfirmKeeper({
    clock: parts.clock,
    log,
    note: () => store.notes.get(CONFIRM_NOTE),
    overdue: (confirmation, why) => void comeBack(confirmation, why, shared),
  });
  const committer = new Committer(shared);
  const backup = new BackupWriter(store.path, () => backupContent(store, keeper.waiting(), outcomes.given), log);
  events.subscribe(({ kind }) => {
    if (kind === "commit" || kind === "confirm") backup.soon();
  });

  const saveAtDamage = async (): Promise<void> => {
    store.damaged = undefined;
    log.error("The settings store is damaged; settings are served from memory and saved for a new store");
    await backup.now();
    options.onDamage?.();
  };
  store.damaged = () => void saveAtDamage();

  backup.soon();
  keeper.arm();
  resume(parts, { applier, outcomes });

  return {
    ...staging({ store, transactions, root, log, variant: options.os.variant_id }),
    ...committing({ store, transactions, committer, options }),
    ...applying({ applier, outcomes }),
    ...reading(store, outcomes),
    ...tables,
    plan: (what) => planSubject(what, { store, transactions, root, log }),
    confirm: (generation) => committer.confirm(generation),
    unconfirmed: () => keeper.shown(),
    affectedServices,
    settingGenerators,
    subscribe: (listener) => events.subscribe(listener),
    os: options.os,
    close() {
      keeper[Symbol.dispose]();
      queue.flush();
      const saved = backup.close();
      closeStore(store, log);
      return saved;
    },
  };
}

/** What a damaged file does not take into itself any more is in the backup. */
function closeStore(store: Store, log: Log): void {
  try {
    store.close();
  } catch (thrown) {
    log.error("The settings store is not closed in order", { reason: reason(thrown) });
  }
}

type CommittingParts = Pick<EngineParts, "store" | "options"> & {
  readonly transactions: Transactions;
  readonly committer: Committer;
};

function committing(parts: CommittingParts): Pick<Engine, "commit" | "restore"> {
  const { store, transactions, committer, options } = parts;
  const { log, root = "/" } = options;
  return {
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
  };
}

type ApplyingParts = { readonly applier: Applier; readonly outcomes: OutcomeLog };
type Applying = Pick<Engine, "apply" | "requestApply" | "applying" | "idle" | "lastApply" | "outcome" | "outcomes">;

function applying({ applier, outcomes }: ApplyingParts): Applying {
  return {
    apply: (keys) => applier.request(keys).done,
    requestApply: (keys) => applier.request(keys),
    applying: () => applier.busy,
    idle: () => applier.idle(),
    lastApply: () => applier.last(),
    outcome: (number) => applier.outcome(number),
    outcomes: () => outcomes.outcomes(),
  };
}

type Reading = Pick<
  Engine,
  "settings" | "generation" | "generations" | "generationAt" | "diff" | "explain" | "explainSource"
>;

function reading(store: Store, outcomes: OutcomeLog): Reading {
  return {
    settings: (filter = {}) => liveTree(store.live, filter),
    generation: () => store.generation,
    ...history(store),
    explain: (key) => explain(key, { live: store.live, outcomes: outcomes.outcomes() }),
    explainSource(name) {
      const key = parseKey(name);
      return key.ok ? store.live.get(formatKey(key.value))?.source : undefined;
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
function resume({ clock }: EngineParts, { applier, outcomes }: ApplyingParts): void {
  const keys = new Set<string>();
  for (const wanted of outcomes.wanted()) {
    applier.owe(wanted.number);
    if (wanted.bootId === clock.bootId) for (const key of wanted.keys) keys.add(key);
  }
  if (keys.size > 0) applier.request([...keys]);
}
