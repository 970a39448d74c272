/** The form of any setting's value, for what is read back from where it was written. */
import * as z from "zod";
import type { ListItem, SettingValue } from "./tree.ts";

/** Made when asked for: hardly any start of a program needs it. */
export function settingValueSchema(): z.ZodType<SettingValue> {
  const value: z.ZodType<SettingValue> = z.lazy(() => z.union([z.string(), z.number(), z.boolean(), z.array(item)]));
  const item: z.ZodType<ListItem> = z.lazy(() => z.union([value, z.record(z.string(), value)]));
  return value;
}
