/** Everything known about a setting: its value and where it came from, what it reaches, and how that went. Pure. */
import type { ApplyOutcome, FileOutcome, ServiceOutcome } from "../apply/outcome.ts";
import { refuse, type SettingsResult } from "../fault.ts";
import { shownValue } from "../history/shown.ts";
import { formatKey, parseKey } from "../key.ts";
import { allSettings, isKnown, servicesOf, SETTINGS } from "../model/describe.ts";
import { configurationFiles, services as serviceTable } from "../services/table.ts";
import type { ValueSource } from "../store/generation.ts";
import { isAtOrBelow } from "../store/live.ts";
import type { LiveValue } from "../store/schema.ts";
import type { SettingValue } from "../tree.ts";

/** What the last apply that was about a service did to it and to its files. */
export type LastApply = {
  /** The number of the outcome. */
  readonly number: number;
  readonly generation: number;
  readonly at: string;
  readonly service: string;
  readonly state: ServiceOutcome["state"];
  readonly files: readonly Pick<FileOutcome, "path" | "state" | "problem">[];
  /** The first thing that went wrong. */
  readonly problem?: string;
};

export type Explanation = {
  /** The full name. */
  readonly key: string;
  /** Absent when it is not set; replaced when it is secret. */
  readonly value?: SettingValue;
  /** Default, generator, user data or API; by which program, when, and in which generation. */
  readonly source?: ValueSource;
  /** What it falls back to when it is removed. */
  readonly default?: SettingValue;
  readonly generator?: string;
  readonly services: readonly string[];
  /** Paths of the files that those services have. */
  readonly files: readonly string[];
  readonly lastApply: readonly LastApply[];
};

export type ExplainFacts = {
  readonly live: ReadonlyMap<string, LiveValue>;
  /** Newest first. */
  readonly outcomes: readonly ApplyOutcome[];
};

export function explain(text: string, facts: ExplainFacts): SettingsResult<Explanation[], "invalid-key"> {
  const key = parseKey(text);
  if (!key.ok) return refuse("invalid-key", key.fault.message);
  const segments = key.value[0] === SETTINGS ? key.value : [SETTINGS, ...key.value];
  const name = formatKey(segments);
  if (!isKnown(segments)) {
    return refuse("invalid-key", "Cannot explain this", [{ path: name, message: "is not a setting" }]);
  }
  const defined = new Map(allSettings().map(([each, setting]) => [formatKey(each), setting]));
  const names = new Set([...defined.keys(), ...facts.live.keys()].filter((each) => isAtOrBelow(each, name)));
  const all = [...names].sort().map((each): Explanation => {
    const setting = defined.get(each);
    const live = facts.live.get(each);
    const own = parseKey(each);
    const services = own.ok ? (servicesOf(own.value) ?? []) : [];
    return {
      key: each,
      ...(live === undefined ? {} : { value: shownValue(each, live.value), source: live.source }),
      ...(setting?.default === undefined ? {} : { default: shownValue(each, setting.default) }),
      ...(setting?.generator === undefined ? {} : { generator: setting.generator }),
      services,
      files: services.flatMap(pathsOf),
      lastApply: services.flatMap((service) => lastApply(service, facts.outcomes)),
    };
  });
  return { ok: true, value: all };
}

function pathsOf(service: string): string[] {
  const names = serviceTable[service]?.configurationFiles ?? [];
  return names.flatMap((name) => configurationFiles[name]?.path ?? []);
}

function lastApply(service: string, outcomes: readonly ApplyOutcome[]): LastApply[] {
  const outcome = outcomes.find(({ services }) => services.some(({ name }) => name === service));
  const found = outcome?.services.find(({ name }) => name === service);
  if (outcome === undefined || found === undefined) return [];
  const own = pathsOf(service);
  const files = outcome.files.filter(({ path }) => own.includes(path));
  const problem = [...files, ...found.commands, ...found.checks].find((each) => each.problem !== undefined)?.problem;
  const { number, generation, at } = outcome;
  return [
    {
      number,
      generation,
      at,
      service,
      state: found.state,
      files: files.map((file) => {
        const { path, state } = file;
        return file.problem === undefined ? { path, state } : { path, state, problem: file.problem };
      }),
      ...(problem === undefined ? {} : { problem }),
    },
  ];
}
