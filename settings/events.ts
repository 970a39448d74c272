/** What happens in the engine, for whoever wants to follow it. Listeners are called in order, after the fact. */
import type { ApplyOutcome } from "./apply/outcome.ts";
import type { CommitAuthor } from "./store/generation.ts";

export type SettingsEvent =
  /** A generation is durable. `keys` are the full names that it wrote or removed. */
  | {
      readonly kind: "commit";
      readonly generation: number;
      readonly at: string;
      readonly author: CommitAuthor;
      readonly keys: readonly string[];
      /** Milliseconds that it waits to be confirmed; not given when it does not. */
      readonly confirmMs?: number;
    }
  | { readonly kind: "confirm"; readonly generation: number }
  /** An unconfirmed generation was taken back; `generation` is the new one that did it. */
  | { readonly kind: "revert"; readonly generation: number; readonly reverted: number; readonly reason: string }
  | { readonly kind: "apply-start"; readonly number: number; readonly keys: readonly string[] | "all" }
  | { readonly kind: "apply"; readonly number: number; readonly outcome: ApplyOutcome };

export type Listener = (event: SettingsEvent) => void;

export class Events {
  readonly #listeners = new Set<Listener>();

  /** Returns what ends it. A listener must not throw. */
  subscribe(listener: Listener): () => void {
    // A function of its own for each call, so that one listener may be there twice.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  emit(event: SettingsEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
