/** Settings of the kernel. */
import * as z from "zod";
import { kmodKey } from "../types/kmod-key.ts";
import { lockdown } from "../types/lockdown.ts";
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
    modules: {
      kind: "collection",
      description: "Kernel modules by name",
      since: "0.1.0",
      services: ["kernel-modules"],
      memberName: kmodKey,
      member: {
        kind: "group",
        description: "One kernel module",
        since: "0.1.0",
        members: {
          allowed: {
            kind: "setting",
            description: "Whether it may be loaded; false keeps it out, and needs a reboot where it is loaded already",
            since: "0.1.0",
            schema: z.boolean(),
            example: false,
          },
          autoload: {
            kind: "setting",
            description: "Whether it is loaded at boot, and at once",
            since: "0.1.0",
            schema: z.boolean(),
            example: true,
          },
        },
      },
    },
    lockdown: {
      kind: "setting",
      description: "Least lockdown of the kernel: none, integrity or confidentiality; going down needs a reboot",
      since: "0.1.0",
      services: ["lockdown"],
      schema: lockdown,
      default: "none",
    },
  },
};
