/**
 * What a generator is: a function that makes a value for a setting nobody has set. Contracts section 7.2: a value,
 * nothing for now, or a failure that stops the boot chain.
 */
import type { Result } from "../../base/result.ts";
import type { SettingValue } from "../tree.ts";

export type GeneratorContext = {
  /** Folder to treat as `/`. */
  readonly root: string;
};
/** `none` means: nothing to set now, and why. */
export type Generated =
  | { readonly kind: "value"; readonly value: SettingValue }
  | { readonly kind: "none"; readonly why: string };
export type Generator = (context: GeneratorContext) => Promise<Result<Generated, "generator-failed">>;
