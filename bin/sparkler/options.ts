/** Options that several commands share, and what their values have to be. */
import { type OptionSpec, stringOption, type Values } from "../../base/command.ts";
import type { Result } from "../../base/result.ts";
import { checkName } from "../../machine/paths.ts";

export const defaultName = "default";

export const nameOption: OptionSpec = {
  type: "string",
  value: "NAME",
  summary: `Which machine, of several side by side (default "${defaultName}")`,
};

export const jsonOption: OptionSpec = { type: "boolean", summary: "Print the answer as JSON" };

export const variantOption: OptionSpec = {
  type: "string",
  value: "NAME",
  summary: "Variant of the image (default qemu-dev)",
};

export const mirrorOption: OptionSpec = {
  type: "string",
  value: "URL",
  summary: "Debian mirror to download from; remembered, needed once where apt has none of Debian",
};

/** The sentence for a name that no machine can have. */
export function nameProblems(values: Values): readonly string[] {
  return problemOf(checkName(stringOption(values, "name") ?? defaultName));
}

export function mirrorProblems(values: Values): readonly string[] {
  const mirror = stringOption(values, "mirror");
  const usable = mirror === undefined || /^https?:\/\/[^\s/]\S*$/.test(mirror);
  return usable ? [] : [`Cannot use "${mirror}" as a mirror: wanted is an http or https address`];
}

export function variantProblems(values: Values): readonly string[] {
  const variant = stringOption(values, "variant") ?? "";
  return /^(?:|[a-z0-9][a-z0-9.-]*)$/.test(variant) ? [] : [`Cannot use "${variant}" as the name of a variant`];
}

/** The fault's sentence when `result` is one. */
export function problemOf(result: Result<unknown>): readonly string[] {
  return result.ok ? [] : [result.fault.message];
}
