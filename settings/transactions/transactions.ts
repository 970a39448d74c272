/**
 * What is staged and not yet committed, in memory: a restart of the program forgets it, as a boot does by contract
 * (contracts section 3). Values come here checked; this only keeps them, within bounds.
 */
import { refuse, type SettingsResult } from "../fault.ts";
import { parseKey } from "../key.ts";
import type { Edit, Edits } from "../store/batch.ts";
import { type Tree, treeOf } from "../tree.ts";

/** Each client of the command line has one of its own while it runs; abandoned ones go after a while. */
const MAX_TRANSACTIONS = 64;
const MAX_NAMES = 4096;
/** As much as the body of a request, so that whatever fits into one can be staged. */
const MAX_CHARACTERS: number = 1024 * 1024;
/** Of all transactions together, so that many large ones cannot use up the memory. */
const MAX_CHARACTERS_OF_ALL: number = 16 * 1024 * 1024;
/** A transaction that nobody has added to for this long is forgotten: its client is gone. */
export const IDLE_MS: number = 60 * 60 * 1000;
/** Never forgotten by itself: at the first boot it may wait for an operator. */
const KEPT = "bottlerocket-launch";

type Staged = { readonly edits: Map<string, Edit | undefined>; readonly size: number; readonly touchedMs: number };

export type StageFault = "invalid-transaction" | "transaction-limit";

export class Transactions {
  readonly #staged = new Map<string, Staged>();
  readonly #nowMs: () => number;

  /** `nowMs` only has to grow. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Adds to `tx`, which comes into being with its first edit; later ones win. An undefined edit removes its key. */
  stage(tx: string, edits: Edits): SettingsResult<void, StageFault> {
    this.#expire();
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
    const after = new Map([...(before?.edits ?? []), ...edits]);
    if (after.size > MAX_NAMES) {
      return refuse(
        "transaction-limit",
        `Cannot stage ${after.size} settings in one transaction: ${MAX_NAMES} at most`,
      );
    }
    const size = sizeOf(after);
    if (size > MAX_CHARACTERS) {
      return refuse(
        "transaction-limit",
        `Cannot stage ${size} characters in one transaction: ${MAX_CHARACTERS} at most`,
      );
    }
    const all = [...this.#staged.values()].reduce((sum, each) => sum + each.size, size - (before?.size ?? 0));
    if (all > MAX_CHARACTERS_OF_ALL) {
      const most = `${MAX_CHARACTERS_OF_ALL} at most; commit or drop others first`;
      return refuse("transaction-limit", `Cannot stage ${all} characters in all transactions: ${most}`);
    }
    this.#staged.set(tx, { edits: after, size, touchedMs: this.#nowMs() });
    return { ok: true, value: undefined };
  }

  edits(tx: string): Edits {
    return this.#staged.get(tx)?.edits ?? new Map();
  }

  /** Takes a transaction out, for committing: what is staged under its name from now on is another one. */
  take(tx: string): Edits {
    const edits = this.edits(tx);
    this.#staged.delete(tx);
    return edits;
  }

  /** Puts back what was taken out and could not be committed, below what was staged since. */
  putBack(tx: string, edits: Edits): void {
    if (edits.size === 0) return;
    const merged = new Map([...edits, ...this.edits(tx)]);
    this.#staged.set(tx, { edits: merged, size: sizeOf(merged), touchedMs: this.#nowMs() });
  }

  /** Values only; see `removals()`. */
  tree(tx: string): Tree {
    const values = [...this.edits(tx)].flatMap(([name, edit]) => (edit ? [[name, edit.value] as const] : []));
    return treeOfNames(values);
  }

  /** Full names that `tx` removes. */
  removals(tx: string): string[] {
    return [...this.edits(tx)].flatMap(([name, edit]) => (edit === undefined ? [name] : [])).sort();
  }

  /** Forgets a transaction and returns the full names that it held. */
  drop(tx: string): string[] {
    const names = [...this.edits(tx).keys()].sort();
    this.#staged.delete(tx);
    return names;
  }

  list(): string[] {
    this.#expire();
    return [...this.#staged.keys()].sort();
  }

  #expire(): void {
    const now = this.#nowMs();
    for (const [tx, { touchedMs }] of this.#staged) {
      if (tx !== KEPT && now - touchedMs > IDLE_MS) this.#staged.delete(tx);
    }
  }
}

function sizeOf(edits: Edits): number {
  let size = 0;
  for (const [name, edit] of edits) size += name.length + (edit ? JSON.stringify(edit.value).length : 0);
  return size;
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
