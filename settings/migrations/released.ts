/**
 * The model as a version was released with, against the model of now: what a machine may have in its store has to be taken
 * by every later version, or be brought to what it takes by a migration. Pure.
 */
import * as z from "zod";
import { formatKey } from "../key.ts";
import type { AnyDefinition } from "../model/definition.ts";
import { SETTINGS } from "../model/describe.ts";
import type { Migration } from "./migration.ts";

/** What values a setting takes, as JSON Schema; of a map, what its members are called and hold. */
export type Shape = {
  readonly kind: "setting" | "map" | "collection";
  readonly value: unknown;
  readonly memberName?: unknown;
};

export type ReleasedModel = {
  readonly version: string;
  /** Full name → shape. */
  readonly settings: Readonly<Record<string, Shape>>;
};

export function snapshotOf(model: AnyDefinition, version: string): ReleasedModel {
  return { version, settings: Object.fromEntries(walk([SETTINGS], model)) };
}

/**
 * What is wrong, in sentences. New settings are fine; one that was changed or taken out needs a migration that is about
 * it, of a version after that of the release.
 */
export function findUnmigrated(
  released: ReleasedModel,
  now: ReleasedModel,
  migrations: readonly Migration[],
): readonly string[] {
  const about = new Set(
    migrations.flatMap(({ version, about: names }) =>
      Bun.semver.order(released.version, version) < 0 && Bun.semver.order(version, now.version) <= 0 ? names : [],
    ),
  );
  return Object.entries(released.settings).flatMap(([name, shape]) => {
    const present = Object.hasOwn(now.settings, name) ? now.settings[name] : undefined;
    if (Bun.deepEquals(present, shape, true) || about.has(name)) return [];
    const what = present === undefined ? "is gone" : "takes other values";
    return [`"${name}" of version ${released.version} ${what}, and no migration is about it`];
  });
}

function* walk(at: readonly string[], definition: AnyDefinition): Generator<[string, Shape]> {
  if (definition.kind === "group") {
    for (const [name, member] of Object.entries(definition.members)) yield* walk([...at, name], member);
  } else if (definition.kind === "map") {
    const memberName = schemaOf(definition.memberName);
    yield [formatKey(at), { kind: "map", value: schemaOf(definition.schema), memberName }];
  } else if (definition.kind === "collection") {
    // A name that users choose stands as a star, which no key can hold.
    yield* walk([...at, "*"], definition.member);
    yield [formatKey(at), { kind: "collection", value: null, memberName: schemaOf(definition.memberName) }];
  } else yield [formatKey(at), { kind: "setting", value: schemaOf(definition.schema) }];
}

/** What goes in and what comes out: bounds may stand in either. Plain JSON, as what is recorded has been a file. */
function schemaOf(schema: z.ZodType): unknown {
  const forms = (["input", "output"] as const).map((io) => z.toJSONSchema(schema, { unrepresentable: "any", io }));
  return JSON.parse(JSON.stringify(forms)) as unknown;
}
