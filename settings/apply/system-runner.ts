/** Restart commands on the real machine: a fixed environment, no shell, a time limit. */
import { run } from "../../base/run.ts";
import type { ServiceRunner } from "./outcome.ts";

const TIMEOUT_MS = 120_000;

export const systemServiceRunner: ServiceRunner = (argv, environment) =>
  run([...argv], {
    env: { ...environment, PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" },
    timeoutMs: TIMEOUT_MS,
    maxOutput: 64 * 1024,
  });
