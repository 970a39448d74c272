/**
 * What is staged and not yet committed, in memory: a restart of the program forgets it, as a boot does by contract
 * (contracts section 3). Values come here checked; this only keeps them, within bounds.
 */
import { refuse, type SettingsResult } from "../fault.ts";
import { parseKey } from "../key.ts";
import type { Edit } from "../store/store.ts";
import { type Tree, treeOf } from "../tree.ts";

const MAX_TRANSACTIONS = 64;
const MAX_NAMES = 4096;
const MAX_CHARACTERS = 1024 * 1024;

export class Transactions {
  readonly #staged = new Map<string, Map<string, Edit>>();

  /** Adds to `tx`, which comes into being with its first value; later values win. */
  stage(
    tx: string,
    edits: ReadonlyMap<string, Edit>,
  ): SettingsResult<void, "invalid-transaction" | "transaction-limit"> {
    if (!/^[^\p{Cc}\p{Cs}]{1,255}$/u.test(tx)) {
      return refuse(
        "invalid-transaction",
        "Cannot use this name of a transaction: wanted 1 to 255 printable characters",
      );
    }
    if (edits.size === 0) return { ok: true, value: undefined };
    const before = this.#staged.get(tx);
    if (before === undefined && this.#staged.size >= MAX_TRANSACTIONS) {
      return refuse("transaction-limit", `Cannot begin a transaction: there are ${MAX_TRANSACTIONS} already`);
    }
    const after = new Map([...(before ?? []), ...edits]);
    if (after.size > MAX_NAMES) {
      return refuse(
        "transaction-limit",
        `Cannot stage ${after.size} settings in one transaction: ${MAX_NAMES} at most`,
      );
    }
    let size = 0;
    for (const [name, { value }] of after) size += name.length + JSON.stringify(value).length;
    if (size > MAX_CHARACTERS) {
      return refuse(
        "transaction-limit",
        `Cannot stage ${size} characters in one transaction: ${MAX_CHARACTERS} at most`,
      );
    }
    this.#staged.set(tx, after);
    return { ok: true, value: undefined };
  }

  edits(tx: string): ReadonlyMap<string, Edit> {
    return this.#staged.get(tx) ?? new Map();
  }

  tree(tx: string): Tree {
    return treeOfNames([...this.edits(tx)].map(([name, { value }]) => [name, value] as const));
  }

  /** Forgets a transaction and returns the full names that it held. */
  drop(tx: string): string[] {
    const names = [...this.edits(tx).keys()].sort();
    this.#staged.delete(tx);
    return names;
  }

  list(): string[] {
    return [...this.#staged.keys()].sort();
  }
}

/** The nested form of full names, without the outer `settings`, in the order of the names. */
export function treeOfNames(pairs: readonly (readonly [string, Edit["value"]])[]): Tree {
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return treeOf(
    sorted.map(([name, value]) => {
      const key = parseKey(name);
      if (!key.ok) throw key.fault;
      return [key.value.slice(1), value] as const;
    }),
  );
}
