import { expect, test } from "bun:test";
import { silentLog } from "../../base/log.ts";
import { Fault, fail, ok } from "../../base/result.ts";
import { type RunApiclient, shown } from "./api-program.ts";
import type { BootstrapCommands } from "./configuration.ts";
import { runCommands } from "./run-commands.ts";

const entry = (name: string, more: Partial<BootstrapCommands> = {}): BootstrapCommands => ({
  name,
  commands: [["apiclient", name]],
  mode: "always",
  essential: false,
  ...more,
});

/** An `apiclient` that fails for these subcommands, and knows every mode as `mode`. */
function recorded(failing: readonly string[] = [], mode = "once"): { said: string[]; call: RunApiclient } {
  const said: string[] = [];
  const call: RunApiclient = (words) => {
    said.push(words.join(" "));
    if (failing.includes(words[0] ?? "")) return Promise.resolve(fail(new Fault("exit-status", "exit status 1")));
    const [, section = "", name = ""] = words[0] === "get" ? (words[1] ?? "").split(".") : [];
    const stdout = JSON.stringify({ settings: { [section]: { [name]: { mode } } } });
    return Promise.resolve(ok({ stdout, stderr: "", stdoutBytes: new Uint8Array() }));
  };
  return { said, call };
}

const run = (entries: readonly BootstrapCommands[], call: RunApiclient, down = false): Promise<boolean> =>
  runCommands(entries, { call, log: silentLog, goingDown: () => Promise.resolve(down) });

test("runCommands() runs what is not off, in order, and marks what is for one boot", async () => {
  const at = recorded();
  const two = [
    ["apiclient", "x", "1"],
    ["apiclient", "y"],
  ];
  expect(
    await run([entry("a", { mode: "off" }), entry("b"), entry("c", { mode: "once", commands: two })], at.call),
  ).toBe(true);
  expect(at.said).toEqual([
    "b",
    "x 1",
    "y",
    "get settings.bootstrap-commands.c.mode",
    "set --no-wait --message c has run bootstrap-commands.c.mode=off",
  ]);
});

test("runCommands() marks nothing whose mode was changed meanwhile, and nothing that failed", async () => {
  for (const at of [recorded([], "always"), recorded(["c"])]) {
    await run([entry("c", { mode: "once" })], at.call);
    expect(at.said.filter((each) => each.startsWith("set"))).toEqual([]);
  }
});

const badAndGood = (essential: boolean): readonly BootstrapCommands[] => [
  entry("a", {
    essential,
    commands: [
      ["apiclient", "bad"],
      ["apiclient", "never"],
    ],
  }),
  entry("b"),
];

test("runCommands() goes on after an entry that is not essential, and stops at one that is", async () => {
  const [loose, strict] = [recorded(["bad"]), recorded(["bad"])];
  expect(await run(badAndGood(false), loose.call)).toBe(true);
  expect(loose.said).toEqual(["bad", "b"]);
  expect(await run(badAndGood(true), strict.call)).toBe(false);
  expect(strict.said).toEqual(["bad"]);
});

test("runCommands() fails for an essential entry that cannot be marked: it would be thought to have run for ever", async () => {
  const at = recorded(["set"]);
  expect(await run([entry("c", { mode: "once", essential: true })], at.call)).toBe(false);
});

test("runCommands() begins nothing while the machine goes down", async () => {
  const at = recorded();
  expect(await run([entry("a")], at.call, true)).toBe(true);
  expect(await run([entry("a", { essential: true })], at.call, true)).toBe(false);
  expect(at.said).toEqual([]);
});

test("shown() keeps values out of messages", () => {
  expect(shown(["set", "a=secret"])).toBe("apiclient set …");
  expect(shown(["ephemeral-storage", "bind", "--dirs", "/x"])).toBe("apiclient ephemeral-storage bind …");
  expect(shown(["-u", "/x"])).toBe("apiclient …");
  expect(shown(["reboot"])).toBe("apiclient reboot");
});
