/** Settings of the kernel. */
import * as z from "zod";
import { singleLineString } from "../types/single-line-string.ts";
import { sysctlKey } from "../types/sysctl-key.ts";
import type { Group } from "./definition.ts";
import type { KernelSettings } from "./settings.ts";

const sysctlValue: z.ZodType<string, string> = singleLineString
  .pipe(z.string().max(4096, "must have 4096 characters at most"))
  .refine((value) => !value.includes("\0"), "must not hold a NUL character");

export const kernel: Group<KernelSettings> = {
  kind: "group",
  description: "Kernel",
  since: "0.1.0",
  members: {
    sysctl: {
      kind: "map",
      description: "Kernel parameters by name; a name with dots is quoted in keys",
      since: "0.1.0",
      services: ["sysctl"],
      memberName: sysctlKey,
      schema: sysctlValue,
    },
  },
};
