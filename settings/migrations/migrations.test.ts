import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { silentLog } from "../../base/log.ts";
import { backupContent, backupPath } from "../store/backup.ts";
import type { Edit } from "../store/batch.ts";
import { storeFileName } from "../store/files.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { SettingValue } from "../tree.ts";
import { chooseOrigin, type Migration, migrations, planMigration, type Values } from "./migration.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "migrations-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** 0.2.0 calls the message of the day by another name, in capitals, and has one setting more. */
const renamed: Migration = {
  version: "0.2.0",
  description: "motd is called message, and is in capitals",
  about: ["settings.motd"],
  forward: (values) => rename(values, "settings.motd", "settings.message", (text) => text.toUpperCase()),
  backward(values) {
    const back = new Map(rename(values, "settings.message", "settings.motd", (text) => text.toLowerCase()));
    back.delete("settings.network.hostname");
    return back;
  },
};

function rename(values: Values, from: string, to: string, change: (text: string) => string): Values {
  return new Map(
    [...values].map(([name, value]): [string, SettingValue] =>
      name === from ? [to, change(typeof value === "string" ? value : "")] : [name, value],
    ),
  );
}

function open(version: string, known: readonly Migration[] = [renamed]): Promise<Store> {
  const path = join(folder, storeFileName(version));
  return openStore({ path, version, log: silentLog, now: () => new Date(), migrations: known });
}

function commit(store: Store, changes: Readonly<Record<string, SettingValue | null>>): void {
  const edits = Object.entries(changes).map(([name, value]): [string, Edit | undefined] => [
    name,
    value === null ? undefined : { value, origin: { kind: "user-data", detail: "/file" } },
  ]);
  const batch = store.begin();
  batch.add({ edits: new Map(edits), author: { source: "test" }, at: new Date() });
  store.write(batch);
}

/** What a version has once it was booted, and runs `work` there. */
async function boot(version: string, work: (store: Store) => void = () => {}): Promise<Record<string, SettingValue>> {
  using store = await open(version);
  work(store);
  return Object.fromEntries([...store.live].map(([name, { value }]) => [name, value]));
}

const bytes = (version: string): Promise<Buffer> => readFile(join(folder, storeFileName(version)));

describe("updating", () => {
  test("brings settings forward into a store of its own, with where they came from", async () => {
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "hi", "settings.kernel.sysctl.a": "1" }));
    const before = await bytes("0.1.0");
    using store = await open("0.2.0");
    expect([...store.live].map(([name, { value, source }]) => [name, value, source.kind, source.by])).toEqual([
      ["settings.kernel.sysctl.a", "1", "user-data", "test"],
      ["settings.message", "HI", "default", "migration"],
    ]);
    expect([store.generation, store.generations()[0]?.author.message]).toEqual([
      2,
      "brought from version 0.1.0 to 0.2.0",
    ]);
    expect((await bytes("0.1.0")).equals(before)).toBe(true);
  });

  test("uses the backup of the other version when its store is damaged, else comes up without settings", async () => {
    await boot("0.1.0", (store) => {
      commit(store, { "settings.motd": "hi" });
      void writeFile(backupPath(store.path), backupContent(store, undefined, 7));
    });
    await writeFile(join(folder, storeFileName("0.1.0")), "damaged");
    expect(await boot("0.2.0")).toEqual({ "settings.message": "HI" });
    await rm(join(folder, storeFileName("0.2.0")));
    await rm(backupPath(join(folder, storeFileName("0.1.0"))));
    expect(await boot("0.2.0")).toEqual({});
    expect(await readFile(join(folder, storeFileName("0.1.0")), "utf8")).toBe("damaged");
  });

  test("drops stores that no version of the machine goes back to", async () => {
    for (let minor = 1; minor <= 6; minor++) {
      await boot(`0.${minor}.0`);
      await utimes(join(folder, storeFileName(`0.${minor}.0`)), minor, minor);
    }
    const kept = (await readdir(folder)).filter((name) => name.endsWith(".sqlite"));
    expect(kept.sort()).toEqual([2, 3, 4, 5, 6].map((minor) => storeFileName(`0.${minor}.0`)));
  });
});

describe("going back", () => {
  test("without later changes gives the exact bytes of before, however often", async () => {
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "hi" }));
    const before = await bytes("0.1.0");
    for (let round = 0; round < 3; round++) {
      await boot("0.2.0");
      await boot("0.1.0");
      expect((await bytes("0.1.0")).equals(before)).toBe(true);
    }
  });

  test("makes later changes again, once, in the terms of the older version", async () => {
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "hi", "settings.kernel.sysctl.a": "1" }));
    await boot("0.2.0", (store) => {
      commit(store, { "settings.message": "LATER", "settings.kernel.sysctl.b": "2" });
      commit(store, { "settings.kernel.sysctl.a": null, "settings.network.hostname": "only-new" });
    });
    const wanted = { "settings.motd": "later", "settings.kernel.sysctl.b": "2" };
    expect(await boot("0.1.0")).toEqual(wanted);
    using store = await open("0.1.0");
    expect(store.generations().map(({ number, author }) => [number, author.message])).toEqual([
      [5, "changes made under version 0.2.0"],
      [1, undefined],
    ]);
    expect(store.live.get("settings.kernel.sysctl.b")?.source).toMatchObject({ kind: "user-data", detail: "/file" });
  });

  test("knows changes of a version that was not closed, and leaves out what the older model refuses", async () => {
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "hi" }));
    const newer = await open("0.2.0");
    commit(newer, { "settings.message": "LATER", "settings.nothing": "x" });
    // Still open: everything since is in the log file, as a power cut leaves it.
    expect(await boot("0.1.0")).toEqual({ "settings.motd": "later" });
    newer.close();
  });

  test("gives back what the newer version has for any changes made there", async () => {
    const changes = fc.array(
      fc.dictionary(
        fc.constantFrom("settings.message", "settings.kernel.sysctl.a", "settings.kernel.sysctl.b"),
        fc.constantFrom("A", "B", null),
        { minKeys: 1 },
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (steps) => {
        await rm(folder, { recursive: true });
        await boot("0.1.0", (store) => commit(store, { "settings.motd": "a", "settings.kernel.sysctl.a": "A" }));
        const there = await boot("0.2.0", (store) => {
          for (const step of steps) commit(store, step);
        });
        const wanted = Object.fromEntries(renamed.backward(new Map(Object.entries(there))));
        expect(await boot("0.1.0")).toEqual(wanted);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe("updating again", () => {
  test("takes what was set in the older version meanwhile, and keeps what only the newer one has", async () => {
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "hi" }));
    await boot("0.2.0", (store) => {
      store.writeNotes(new Map([["outcome-numbers", "640"]]));
      commit(store, { "settings.message": "LATER", "settings.network.hostname": "only-new" });
    });
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "mine", "settings.kernel.sysctl.a": "1" }));
    const wanted = {
      "settings.message": "MINE",
      "settings.kernel.sysctl.a": "1",
      "settings.network.hostname": "only-new",
    };
    const old = await bytes("0.1.0");
    for (let round = 0; round < 2; round++) {
      expect(await boot("0.2.0")).toEqual(wanted);
      expect((await bytes("0.1.0")).equals(old)).toBe(true);
    }
    using store = await open("0.2.0");
    expect(store.generation).toBeGreaterThan(5);
    expect(store.notes.get("outcome-numbers")).toBe("640");
    commit(store, { "settings.message": "ONCE MORE" });
    expect(await boot("0.1.0")).toMatchObject({ "settings.motd": "once more", "settings.kernel.sysctl.a": "1" });
  });

  test("leaves the newer store alone when the older one was only looked at", async () => {
    await boot("0.1.0", (store) => commit(store, { "settings.motd": "hi" }));
    await boot("0.2.0", (store) => commit(store, { "settings.network.hostname": "only-new" }));
    await utimes(join(folder, storeFileName("0.1.0")), 1, 1);
    const before = await bytes("0.2.0");
    await boot("0.2.0");
    expect((await bytes("0.2.0")).equals(before)).toBe(true);
  });
});

const named = (version: string): Migration => ({
  version,
  description: "",
  about: [],
  forward: (values) => new Map([...values, [`forward ${version}`, true]]),
  backward: (values) => new Map([...values, [`backward ${version}`, true]]),
});

describe("planMigration()", () => {
  test("planMigration() leads over every version between, forward in order and backward in reverse", () => {
    const known = [named("0.3.0"), named("0.2.0"), named("0.10.0")];
    const names = (from: string, to: string): string[] => [
      ...planMigration(from, to, known)
        .reduce<Values>((values, step) => step(values), new Map())
        .keys(),
    ];
    expect(names("0.1.0", "0.3.1")).toEqual(["forward 0.2.0", "forward 0.3.0"]);
    expect(names("0.10.0", "0.2.0")).toEqual(["backward 0.10.0", "backward 0.3.0"]);
    expect(names("0.2.0", "0.2.0")).toEqual([]);
  });

  test("chooseOrigin() prefers the newest older version", () => {
    expect(chooseOrigin(["0.9.0", "0.10.0", "0.12.0"], "0.11.0")).toBe("0.10.0");
    expect(chooseOrigin(["0.13.0", "0.12.0"], "0.11.0")).toBe("0.12.0");
    expect(chooseOrigin([], "0.11.0")).toBeUndefined();
  });

  test("migrations are in the order of their versions", () => {
    const versions = migrations.map(({ version }) => version);
    expect([...versions].sort((a, b) => Bun.semver.order(a, b))).toEqual(versions);
  });
});
