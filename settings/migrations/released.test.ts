import { describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { anyModel } from "../model/model.ts";
import { type Migration, migrations } from "./migration.ts";
import { findUnmigrated, type ReleasedModel, snapshotOf } from "./released.ts";

const folder = join(import.meta.dir, "released");

async function released(): Promise<readonly ReleasedModel[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as ReleasedModel),
  );
}

describe("released models", () => {
  test("every setting of every released model is still taken, or a migration is about it", async () => {
    const models = await released();
    expect(models.length).toBeGreaterThan(0);
    const now = snapshotOf(anyModel, packageJson.version);
    for (const model of models) {
      expect(Object.keys(model.settings).length).toBeGreaterThan(0);
      const how =
        model.version === now.version
          ? `${now.version} is not released yet? then: node tools/bun.mjs tools/record-model.ts`
          : `write a migration of version ${now.version}`;
      expect({ how, unmigrated: findUnmigrated(model, now, migrations) }).toEqual({ how, unmigrated: [] });
    }
  });

  test("migrations are about settings that a released model had", async () => {
    const known = new Set((await released()).flatMap(({ settings }) => Object.keys(settings)));
    expect(migrations.flatMap(({ about }) => about).filter((name) => !known.has(name))).toEqual([]);
  });
});

const about = (version: string, ...names: readonly string[]): Migration => ({
  version,
  description: "",
  about: names,
  forward: (values) => values,
  backward: (values) => values,
});

describe("findUnmigrated()", () => {
  const text = { kind: "setting", value: { type: "string" } } as const;
  const number = { kind: "setting", value: { type: "number" } } as const;
  const before: ReleasedModel = { version: "0.1.0", settings: { a: text, b: text } };
  const cases: Readonly<Record<string, readonly [ReleasedModel["settings"], readonly Migration[], number]>> = {
    "nothing changed": [{ a: text, b: text }, [], 0],
    "a setting was added": [{ a: text, b: text, c: number }, [], 0],
    "a setting was changed": [{ a: number, b: text }, [], 1],
    "settings were taken out": [{}, [], 2],
    "a change has its migration": [{ a: number, b: text }, [about("0.2.0", "a")], 0],
    "a migration is about something else": [{ a: number, b: text }, [about("0.2.0", "b")], 1],
    "a migration is of the released version itself": [{ a: number, b: text }, [about("0.1.0", "a")], 1],
    "a migration is of a version to come": [{ a: number, b: text }, [about("0.3.0", "a")], 1],
  };
  for (const [name, [settings, known, problems]] of Object.entries(cases)) {
    test(`findUnmigrated() finds ${problems} when ${name}`, () => {
      expect(findUnmigrated(before, { version: "0.2.0", settings }, known).length).toBe(problems);
    });
  }
});
