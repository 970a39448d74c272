import { describe, expect, test } from "bun:test";
import { silentLog } from "../../base/log.ts";
import { Fault, fail, ok } from "../../base/result.ts";
import { generate, type GenerateOptions } from "./generate.ts";
import type { Generator } from "./generator.ts";
import { generators } from "./table.ts";

const makes =
  (value: string | number): Generator =>
  () =>
    Promise.resolve(ok({ kind: "value", value }));

const never: Generator = () => Promise.reject(new Error("it ran"));
const none: Generator = () => Promise.resolve(ok({ kind: "none", why: "not yet" }));
const isHostname = (name: string): boolean => name === "settings.network.hostname";

const good = { hostname: makes("made"), "update-seed": makes(7) };

function run(options: Partial<GenerateOptions>): ReturnType<typeof generate> {
  return generate({ root: "/", log: silentLog, isSet: () => false, table: good, ...options });
}

describe("generate()", () => {
  test("makes values for what nobody has set, and says which generator made them", async () => {
    const made = await run({});
    expect(made.ok ? Object.fromEntries(made.value) : made.fault.message).toEqual({
      "settings.network.hostname": { value: "made", origin: { kind: "generator", detail: "hostname" } },
      "settings.updates.seed": { value: 7, origin: { kind: "generator", detail: "update-seed" } },
    });
  });

  test("does not run the generator of what is set", async () => {
    const made = await run({ isSet: isHostname, table: { ...good, hostname: never } });
    expect(made.ok ? [...made.value.keys()] : made.fault.message).toEqual(["settings.updates.seed"]);
  });

  test("passes over one that has nothing to set now", async () => {
    const made = await run({ table: { ...good, hostname: none } });
    expect(made.ok ? [...made.value.keys()] : made.fault.message).toEqual(["settings.updates.seed"]);
  });

  test.each<[string, Generator, string]>([
    ["that fails", () => Promise.resolve(fail(new Fault("generator-failed", "Cannot ask"))), "Cannot ask"],
    ["that never ends", () => new Promise(() => {}), 'Cannot generate with "hostname": nothing within 0.01 s'],
    ["whose value the model refuses", makes("not a name!"), 'Cannot take what the generator "hostname" made'],
  ])("fails as a whole with a generator %s", async (_what, hostname, message) => {
    const made = await run({ table: { ...good, hostname }, timeoutMs: 10 });
    expect(made.ok ? "" : `${made.fault.code}: ${made.fault.message}`).toStartWith(`generator-failed: ${message}`);
  });
});

test("the seed of updates is a whole number from 0 to 2047, and not always the same", async () => {
  const seeds = new Set<unknown>();
  for (let round = 0; round < 200; round++) {
    const made = await generators["update-seed"]?.({ root: "/" });
    const value = made?.ok === true && made.value.kind === "value" ? made.value.value : undefined;
    expect(Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2048).toBe(true);
    seeds.add(value);
  }
  expect(seeds.size).toBeGreaterThan(1);
});
