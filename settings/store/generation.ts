/** What the store keeps of a commit: who, when, why, and what changed. */
import type { SettingValue } from "../tree.ts";

export type CommitAuthor = {
  readonly uid?: number;
  /** The program or interface that committed, e.g. `api`, `settings-committer`. */
  readonly source: string;
  readonly message?: string;
};

export type OriginKind = "default" | "generator" | "user-data" | "api";
/** Where a value came from; `detail` is a file, a generator's name, or nothing. */
export type ValueOrigin = { readonly kind: OriginKind; readonly detail?: string };

export type ValueSource = ValueOrigin & { readonly generation: number; readonly at: string; readonly by: string };

/** `name` is the full name; `before` is absent when the key was new, `after` when it was removed. */
export type Change = { readonly name: string; readonly before?: SettingValue; readonly after?: SettingValue };

export type Generation = {
  readonly number: number;
  readonly at: string;
  readonly author: CommitAuthor;
  readonly changes: readonly Change[];
};
