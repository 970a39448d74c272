/**
 * Where in a staged rollout this machine stands. Contracts section 7.3: a whole number below 2048, never 2048 itself.
 * Each is as likely as any other, since 2048 divides the range of the random numbers.
 */
import { ok } from "../../base/result.ts";
import type { Generator } from "./generator.ts";

const SEEDS = 2048;

export const updateSeed: Generator = () => {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Promise.resolve(ok({ kind: "value", value: random % SEEDS }));
};
