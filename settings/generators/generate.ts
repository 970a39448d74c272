/** Running the generators of settings that nobody has set. Contracts section 7.2. */
import type { Log } from "../../base/log.ts";
import { refuse, type SettingsResult } from "../fault.ts";
import { parseKey } from "../key.ts";
import { decodePair } from "../model/decode.ts";
import { settingGenerators } from "../model/describe.ts";
import type { Edit } from "../store/batch.ts";
import type { GeneratorContext } from "./generator.ts";
import { generators } from "./table.ts";

export type GenerateOptions = GeneratorContext & {
  /** Whether a full name, or any name below it, has a value already. */
  readonly isSet: (name: string) => boolean;
  readonly log: Log;
};

/** Full name → what its generator made, checked against the model; the first failure ends it. */
export async function generate(
  options: GenerateOptions,
): Promise<SettingsResult<ReadonlyMap<string, Edit>, "generator-failed">> {
  const made = new Map<string, Edit>();
  for (const [name, generator] of Object.entries(settingGenerators())) {
    if (options.isSet(name)) continue;
    const run = generators[generator];
    const key = parseKey(name);
    if (run === undefined || !key.ok) throw new Error(`The model names a generator that is not there: ${generator}`);
    const generated = await run({ root: options.root });
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
