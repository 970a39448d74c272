/** Running the generators of settings that nobody has set. Contracts section 7.2. */
import type { Log } from "../../base/log.ts";
import { Fault, fail, type Result } from "../../base/result.ts";
import { refuse, type SettingsResult } from "../fault.ts";
import { parseKey } from "../key.ts";
import { decodePair } from "../model/decode.ts";
import { settingGenerators } from "../model/describe.ts";
import type { Edit } from "../store/batch.ts";
import type { Generated, Generator, GeneratorContext } from "./generator.ts";
import { generators } from "./table.ts";

/** As the contract has it: long enough for a generator that asks the network, and the boot does not wait for ever. */
const TIMEOUT_MS = 360_000;

export type GenerateOptions = GeneratorContext & {
  /** Whether a full name, or any name below it, has a value already. */
  readonly isSet: (name: string) => boolean;
  readonly log: Log;
  /** What there is to run, by the names that the model uses; by default those of the image. */
  readonly table?: Readonly<Record<string, Generator>>;
  /** How long one may take; by default 360 s. */
  readonly timeoutMs?: number;
};

/** Full name → what its generator made, checked against the model; the first failure ends it. */
export async function generate(
  options: GenerateOptions,
): Promise<SettingsResult<ReadonlyMap<string, Edit>, "generator-failed">> {
  const table = options.table ?? generators;
  const made = new Map<string, Edit>();
  for (const [name, generator] of Object.entries(settingGenerators())) {
    if (options.isSet(name)) continue;
    const run = table[generator];
    const key = parseKey(name);
    if (run === undefined || !key.ok) throw new Error(`The model names a generator that is not there: ${generator}`);
    const generated = await inTime(generator, run({ root: options.root }), options.timeoutMs ?? TIMEOUT_MS);
    if (!generated.ok) return refuse("generator-failed", generated.fault.message);
    if (generated.value.kind === "none") {
      options.log.info("A setting gets no value for now", { name, generator, why: generated.value.why });
      continue;
    }
    const { problems } = decodePair(key.value, generated.value.value);
    if (problems.length > 0) {
      return refuse("generator-failed", `Cannot take what the generator "${generator}" made`, problems);
    }
    made.set(name, { value: generated.value.value, origin: { kind: "generator", detail: generator } });
  }
  return { ok: true, value: made };
}

async function inTime(
  generator: string,
  work: Promise<Result<Generated, "generator-failed">>,
  timeoutMs: number,
): Promise<Result<Generated, "generator-failed">> {
  const { promise, resolve } = Promise.withResolvers<Result<Generated, "generator-failed">>();
  const message = `Cannot generate with "${generator}": nothing within ${timeoutMs / 1000} s`;
  const timer = setTimeout(() => resolve(fail(new Fault("generator-failed", message))), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
