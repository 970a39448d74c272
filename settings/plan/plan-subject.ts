/** Planning a staged transaction or the way back to a generation, against what is live now. Nothing is touched. */
import type { Log } from "../../base/log.ts";
import { refuse } from "../fault.ts";
import { restoringEdits } from "../history/restore.ts";
import type { Engine, PlanSubject } from "../operations.ts";
import type { Edit } from "../store/batch.ts";
import { originOf } from "../store/generation.ts";
import type { Store } from "../store/store.ts";
import { resolveRemovals } from "../transactions/removal.ts";
import type { Transactions } from "../transactions/transactions.ts";

export type PlanPorts = {
  readonly store: Store;
  readonly transactions: Transactions;
  readonly root: string;
  readonly log: Log;
};

export async function planSubject(what: PlanSubject, ports: PlanPorts): ReturnType<Engine["plan"]> {
  const { store, transactions } = ports;
  // Loaded here: a program that only reads settings does not pay for templates.
  const { planChange } = await import("./change-plan.ts");
  const staged = "tx" in what ? transactions.edits(what.tx) : new Map<string, Edit>();
  if ("tx" in what && staged.size === 0) return refuse("nothing-pending", "Cannot plan: nothing is pending");
  const edits =
    "tx" in what ? await resolveRemovals(staged, ports) : restoringEdits(store, store.begin(), what.restore);
  if (!edits.ok) return edits;
  const now = new Map<string, Edit>();
  for (const [name, { value, source }] of store.live) now.set(name, { value, origin: originOf(source) });
  return { ok: true, value: planChange(store.generation, now, edits.value) };
}
