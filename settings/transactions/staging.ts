/** The part of the engine that stages: everything is checked before it gets into a transaction. */
import type { Log } from "../../base/log.ts";
import { refuse, type SettingsResult } from "../fault.ts";
import { generate } from "../generators/generate.ts";
import { type Decoded, decodeSettings } from "../model/decode.ts";
import type { Engine, PatchFault } from "../operations.ts";
import type { ValueOrigin } from "../store/generation.ts";
import { isAtOrBelow } from "../store/live.ts";
import type { Store } from "../store/store.ts";
import { decodePairs } from "./pairs.ts";
import { planRemoval } from "./removal.ts";
import type { Transactions } from "./transactions.ts";

export type StagingPorts = {
  readonly store: Store;
  readonly transactions: Transactions;
  readonly root: string;
  readonly log: Log;
  /** What the image is; settings of other variants are refused. */
  readonly variant: string;
};

type Staging = Pick<
  Engine,
  "patch" | "patchPairs" | "remove" | "pending" | "pendingRemovals" | "dropTx" | "listTx" | "generate"
>;

export function staging({ store, transactions, root, log, variant }: StagingPorts): Staging {
  const stage = (tx: string, decoded: Decoded, origin: ValueOrigin): SettingsResult<void, PatchFault> => {
    if (decoded.problems.length > 0) return refuse("invalid-settings", "Cannot take these settings", decoded.problems);
    return transactions.stage(tx, new Map([...decoded.pairs].map(([name, value]) => [name, { value, origin }])));
  };
  return {
    patch: (tx, body, origin = { kind: "api" }) => stage(tx, decodeSettings(body, { variant }), origin),
    patchPairs(tx, texts) {
      const decoded = decodePairs(texts, { variant });
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
    async generate(tx) {
      const isSet = (name: string): boolean =>
        [...store.live.keys(), ...transactions.edits(tx).keys()].some((each) => isAtOrBelow(each, name));
      const made = await generate({ root, log, isSet });
      if (!made.ok) return made;
      const staged = transactions.stage(tx, made.value);
      return staged.ok ? { ok: true, value: [...made.value.keys()] } : staged;
    },
  };
}
