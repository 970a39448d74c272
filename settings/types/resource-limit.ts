/** Limits of a container's processes (setrlimit(2)), by the names of contracts §14.1. */
import * as z from "zod";

/** Name in settings → name in the runtime specification. */
export const RESOURCE_LIMITS = {
  "max-address-space": "RLIMIT_AS",
  "max-core-file-size": "RLIMIT_CORE",
  "max-cpu-time": "RLIMIT_CPU",
  "max-data-size": "RLIMIT_DATA",
  "max-file-locks": "RLIMIT_LOCKS",
  "max-file-size": "RLIMIT_FSIZE",
  "max-locked-memory": "RLIMIT_MEMLOCK",
  "max-msgqueue-size": "RLIMIT_MSGQUEUE",
  "max-nice-priority": "RLIMIT_NICE",
  "max-open-files": "RLIMIT_NOFILE",
  "max-pending-signals": "RLIMIT_SIGPENDING",
  "max-processes": "RLIMIT_NPROC",
  "max-realtime-priority": "RLIMIT_RTPRIO",
  "max-realtime-timeout": "RLIMIT_RTTIME",
  "max-resident-set": "RLIMIT_RSS",
  "max-stack-size": "RLIMIT_STACK",
} as const;

export const resourceLimitName: z.ZodType<string, string> = z.enum(
  Object.keys(RESOURCE_LIMITS),
  `must be one of ${Object.keys(RESOURCE_LIMITS).join(", ")}`,
);

const rule = 'must be a whole number from 0 on, or -1 or "unlimited" for no limit';

/** -1 and `unlimited` are the same. */
export type Limit = number | "unlimited";
export const limit: z.ZodType<Limit> = z.union([z.literal("unlimited"), z.int().min(-1)], rule);
