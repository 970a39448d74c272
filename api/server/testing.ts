/**
 * A small engine in memory, for tests of the server and of programs that talk to it: two settings with a type
 * (`motd`, `network.hostname`), the map `kernel.sysctl`, no files, no disk.
 */
import { setImmediate } from "node:timers/promises";
import { ok } from "../../base/result.ts";
import type { Applier } from "../../settings/apply/applier.ts";
import type { ApplyOutcome } from "../../settings/apply/outcome.ts";
import type { Engine, OsInfo } from "../../settings/engine.ts";
import { Events } from "../../settings/events.ts";
import { type Problem, SettingsFault, refuse } from "../../settings/fault.ts";
import { formatKey, parseKey } from "../../settings/key.ts";
import type { ValueOrigin, ValueSource } from "../../settings/store/generation.ts";
import { type SettingValue, isTree, treeOf } from "../../settings/tree.ts";

export type FakeEngineOptions = {
  /** What applying comes to; default: all well. */
  readonly apply?: (keys: readonly string[] | "all") => Promise<Partial<ApplyOutcome>>;
  /** What generators make: full name → text. */
  readonly generated?: Readonly<Record<string, string>>;
};

export type FakeEngine = Engine & { readonly applied: readonly (readonly string[] | "all")[]; closed: boolean };

type Staged = { readonly value: SettingValue; readonly origin: ValueOrigin };

export const fakeOs: OsInfo = {
  pretty_name: "Test OS 1.2.3",
  variant_id: "test",
  version_id: "1.2.3",
  build_id: "abc",
  arch: "x86_64",
};

const TX_LIMIT = 100;
const known = new Set(["settings.motd", "settings.network.hostname"]);
const service = { configurationFiles: ["motd"], restartCommands: [["/bin/one", "two"]] as const };

export function fakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const live = new Map<string, Staged & { readonly source: ValueSource }>();
  const transactions = new Map<string, Map<string, Staged>>();
  const applied: (readonly string[] | "all")[] = [];
  let generation = 1;
  const events = new Events();
  const queue = fakeApplies({
    events,
    async apply(number, keys) {
      applied.push(keys);
      const start = {
        number,
        first: number,
        ok: true,
        generation,
        at: "",
        durationMs: 0,
        keys,
        files: [],
        services: [],
      };
      return { ...start, ...(await options.apply?.(keys)) };
    },
  });

  function stage(tx: string, pairs: readonly (readonly [string, SettingValue])[], origin: ValueOrigin) {
    if (!/^[\w-]{1,64}$/.test(tx)) return refuse("invalid-transaction", `Cannot use the transaction "${tx}"`);
    const problems = pairs.flatMap(([name, value]) => problemOf(name, value));
    if (problems.length > 0) return refuse("invalid-settings", "Cannot take the settings", problems);
    if (!transactions.has(tx) && transactions.size >= TX_LIMIT) {
      return refuse("transaction-limit", `Cannot begin "${tx}": there are ${TX_LIMIT} transactions`);
    }
    const staged = transactions.get(tx) ?? new Map<string, Staged>();
    transactions.set(tx, staged);
    for (const [name, value] of pairs) staged.set(name, { value, origin });
    return ok(undefined);
  }

  const engine: FakeEngine = {
    applied,
    closed: false,
    os: fakeOs,
    settings({ keys, prefix } = {}) {
      for (const key of keys ?? []) {
        if (!parseKey(key).ok) throw new SettingsFault("invalid-key", `Cannot read the key "${key}"`);
      }
      const start = prefix === undefined || prefix.startsWith("settings.") ? (prefix ?? "") : `settings.${prefix}`;
      const names = [...live.keys()].filter((name) => keys?.includes(name) ?? name.startsWith(start));
      return treeOf(names.map((name) => [segmentsOf(name), live.get(name)?.value ?? ""]));
    },
    patch(tx, body, origin = { kind: "api" }) {
      if (!isTree(body)) return refuse("invalid-settings", "Cannot take the settings", [notAnObject]);
      return stage(tx, [...flatten(["settings"], body)], origin);
    },
    patchPairs(tx, pairs) {
      const split = pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
      if (pairs.some((pair) => !pair.includes("="))) return refuse("invalid-pair", "Cannot read a pair; try JSON");
      const full = split.map(([key, value]) => [key.startsWith("settings.") ? key : `settings.${key}`, value] as const);
      return stage(tx, full, { kind: "api" });
    },
    pending: (tx) => treeOf([...(transactions.get(tx) ?? [])].map(([name, { value }]) => [segmentsOf(name), value])),
    dropTx(tx) {
      const names = [...(transactions.get(tx)?.keys() ?? [])];
      transactions.delete(tx);
      return names;
    },
    listTx: () => [...transactions.keys()],
    async commit(tx, who, { apply = false } = {}) {
      const staged = transactions.get(tx);
      if (staged === undefined) return refuse("nothing-pending", `Cannot commit "${tx}": nothing is pending`);
      transactions.delete(tx);
      generation += 1;
      for (const [name, each] of staged) {
        live.set(name, { ...each, source: { ...each.origin, generation, at: "", by: who.source } });
      }
      const keys = [...staged.keys()];
      return ok({ generation, keys, ...(apply ? { outcome: queue.request(keys).number } : {}) });
    },
    async generate(tx) {
      const missing = Object.entries(options.generated ?? {}).filter(
        ([name]) => !live.has(name) && transactions.get(tx)?.has(name) !== true,
      );
      if (missing.some(([, value]) => value === "fail")) {
        return refuse("generator-failed", "Cannot generate");
      }
      const staged = missing.length === 0 ? ok(undefined) : stage(tx, missing, { kind: "generator" });
      return staged.ok ? ok(missing.map(([name]) => name)) : staged;
    },
    apply: (keys) => queue.request(keys).done,
    requestApply: (keys) => queue.request(keys),
    applying: () => queue.busy,
    idle: () => queue.idle(),
    lastApply: () => queue.last(),
    outcome: (number) => queue.outcome(number),
    outcomes: () => [queue.last() ?? []].flat(),
    subscribe: (listener) => events.subscribe(listener),
    ...withoutHistory,
    affectedServices: (keys) =>
      Object.fromEntries(keys.filter((key) => key === "settings.motd").map((key) => [key, ["motd"]])),
    settingGenerators: () => ({ "settings.network.hostname": "hostname" }),
    services: (names) => named({ motd: service, multi: service }, names),
    configurationFiles: (names) => named({ motd: { path: "/etc/motd", template: "motd.hbs", mode: 0o644 } }, names),
    generation: () => generation,
    explainSource: (key) => live.get(key)?.source,
    async close() {
      engine.closed = true;
    },
  };
  return engine;
}

type FakeApplies = {
  readonly events: Events;
  readonly apply: (number: number, keys: readonly string[] | "all") => Promise<ApplyOutcome>;
};

/** One apply at a time, what is asked for meanwhile merged, as the engine does it. */
function fakeApplies({ events, apply }: FakeApplies): Pick<Applier, "request" | "busy" | "idle" | "last" | "outcome"> {
  let next: { keys: readonly string[] | "all"; number: number; done: PromiseWithResolvers<ApplyOutcome> } | undefined;
  let worker: Promise<void> | undefined;
  let last: ApplyOutcome | undefined;
  let number = 0;
  const work = async (): Promise<void> => {
    await setImmediate();
    for (let batch = next; batch !== undefined; batch = next) {
      next = undefined;
      try {
        last = await apply(batch.number, batch.keys);
        events.emit({ kind: "apply", number: batch.number, outcome: last });
        batch.done.resolve(last);
      } catch (thrown) {
        batch.done.reject(thrown);
      }
    }
    worker = undefined;
  };
  return {
    request(keys) {
      number += 1;
      const merged = next === undefined || next.keys === "all" || keys === "all" ? keys : [...next.keys, ...keys];
      const done = next?.done ?? Promise.withResolvers<ApplyOutcome>();
      done.promise.catch(() => undefined); // whoever waits hears of it
      next = { keys: next?.keys === "all" || merged === "all" ? "all" : [...new Set(merged)], number, done };
      worker ??= work();
      return { number, done: done.promise };
    },
    get busy() {
      return worker !== undefined;
    },
    async idle() {
      for (let at = worker; at !== undefined; at = worker) await at;
    },
    last: () => last,
    outcome: (wanted) => (last?.number === wanted ? { number: wanted, state: "done", outcome: last } : undefined),
  };
}

type HistoryMember =
  | "remove"
  | "pendingRemovals"
  | "plan"
  | "restore"
  | "confirm"
  | "unconfirmed"
  | "generations"
  | "generationAt"
  | "diff"
  | "explain";

/** This engine keeps no history: there are no generations to find, and nothing waits to be confirmed. */
const withoutHistory: Pick<Engine, HistoryMember> = {
  remove: () => refuse("invalid-key", "Cannot remove anything here"),
  pendingRemovals: () => [],
  plan: async () => refuse("nothing-pending", "Cannot plan anything here"),
  restore: async () => refuse("unknown-generation", "Cannot find any generation here"),
  confirm: async () => refuse("nothing-unconfirmed", "Cannot confirm: nothing waits for it"),
  unconfirmed: () => undefined,
  generations: () => [],
  generationAt: () => refuse("unknown-generation", "Cannot find any generation here"),
  diff: () => refuse("unknown-generation", "Cannot find any generation here"),
  explain: () => refuse("invalid-key", "Cannot explain anything here"),
};

const notAnObject: Problem = { path: "settings", message: "must be an object" };

function problemOf(name: string, value: SettingValue): readonly Problem[] {
  if (!known.has(name) && !name.startsWith("settings.kernel.sysctl.")) return [{ path: name, message: "is not known" }];
  return typeof value === "string" ? [] : [{ path: name, message: "must be a string" }];
}

function* flatten(
  at: readonly string[],
  tree: Readonly<Record<string, unknown>>,
): Generator<readonly [string, SettingValue]> {
  for (const [member, value] of Object.entries(tree)) {
    const name = [...at, member];
    if (isTree(value)) yield* flatten(name, value);
    else yield [formatKey(name), typeof value === "string" ? value : Number(value)];
  }
}

function segmentsOf(name: string): readonly string[] {
  const key = parseKey(name);
  if (!key.ok) throw key.fault;
  return key.value.slice(1);
}

function named<Value>(table: Readonly<Record<string, Value>>, names: readonly string[] | undefined) {
  const missing = names?.find((name) => !Object.hasOwn(table, name));
  if (missing !== undefined) return refuse("unknown-name", `Cannot find "${missing}"`);
  return ok(Object.fromEntries(Object.entries(table).filter(([name]) => names?.includes(name) ?? true)));
}
