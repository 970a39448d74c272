import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { Fault } from "../../base/result.ts";
import { ATTEMPTS, delayAfter, withRetries } from "./retry.ts";
import { chainId } from "./unpack.ts";

const hash = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

test("chainId() is that of the image specification", () => {
  const [a, b, c] = ["a", "b", "c"].map(hash);
  expect(chainId([])).toBe("");
  expect(chainId([a ?? ""])).toBe(a ?? "");
  expect(chainId([a ?? "", b ?? "", c ?? ""])).toBe(hash(`${hash(`${a} ${b}`)} ${c}`));
});

test("withRetries() tries again with growing pauses, and gives up", async () => {
  const waits: number[] = [];
  const options = {
    signal: new AbortController().signal,
    onFailure: () => {},
    wait: (ms: number) => Promise.resolve(void waits.push(ms)),
  };
  let calls = 0;
  const fail = (): Promise<never> => Promise.reject(new Fault("registry-busy", `try ${++calls}`));
  const thrown: unknown = await withRetries(fail, options).catch((cause: unknown) => cause);
  expect([calls, waits.length, (thrown as Fault).message]).toEqual([ATTEMPTS, ATTEMPTS - 1, `try ${ATTEMPTS}`]);
  expect([1, 2, 3, 20].map((attempt) => delayAfter(attempt, 0))).toEqual([3000, 4000, 6000, 32_000]);
});

test("withRetries() does not repeat what cannot become better", async () => {
  let calls = 0;
  const refuse = (): Promise<never> => Promise.reject(new Fault("registry-refused", `${++calls}`));
  const options = { signal: new AbortController().signal, onFailure: () => {}, wait: () => Promise.resolve() };
  await withRetries(refuse, options).catch(() => {});
  expect(calls).toBe(1);
});
