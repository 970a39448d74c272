/** What the store keeps of a commit: who, when, why, and what changed. */
import type { SettingValue } from "../tree.ts";

/** Who committed, as far as the kernel or the program itself can tell; `source` is always there. */
export type CommitAuthor = {
  /** The program or interface that committed, e.g. `api`, `settings-committer`. */
  readonly source: string;
  readonly uid?: number;
  readonly pid?: number;
  /** The name of the process. */
  readonly process?: string;
  /** The container that the process runs in, where it runs in one. */
  readonly container?: string;
  /** Why. */
  readonly message?: string;
};

export type OriginKind = "default" | "generator" | "user-data" | "api";
/** Where a value came from; `detail` is a file, a generator's name, or nothing. */
export type ValueOrigin = { readonly kind: OriginKind; readonly detail?: string };

export type ValueSource = ValueOrigin & { readonly generation: number; readonly at: string; readonly by: string };

/**
 * `name` is the full name; `before` is absent when the key was new, `after` when it was removed. The origins are those
 * of the two values, so that bringing a value back brings back where it came from.
 */
export type Change = {
  readonly name: string;
  readonly before?: SettingValue;
  readonly beforeOrigin?: ValueOrigin;
  readonly after?: SettingValue;
  readonly afterOrigin?: ValueOrigin;
};

export type Generation = {
  readonly number: number;
  /** ISO 8601, by the machine's clock. */
  readonly at: string;
  readonly author: CommitAuthor;
  readonly changes: readonly Change[];
};

/** The origin within a source, without what the generation adds. */
export function originOf({ kind, detail }: ValueOrigin): ValueOrigin {
  return detail === undefined ? { kind } : { kind, detail };
}
