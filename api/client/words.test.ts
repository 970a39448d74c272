import { describe, expect, test } from "bun:test";
import { readWords } from "./words.ts";

const change = { planOnly: false, confirm: undefined, message: undefined, expect: undefined, wait: true };
const raw = { kind: "raw", uri: "/tx", method: "GET", data: undefined };

describe("readWords()", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["-u /tx", raw],
    ["raw -u tx", raw],
    ["-u /tx raw", raw],
    ["-X patch -u /settings -d {}", { kind: "raw", uri: "/settings", method: "PATCH", data: "{}" }],
    ["--method=POST --uri=/tx/commit", { kind: "raw", uri: "/tx/commit", method: "POST", data: undefined }],
    ["get", { kind: "get", prefixes: ["os.", "settings."] }],
    ["get a b", { kind: "get", prefixes: ["a", "b"] }],
    ["get /os", { kind: "get-uri", uri: "/os" }],
    ["set a=b c=", { kind: "change", change: { kind: "set-pairs", pairs: ["a=b", "c="] }, options: change }],
    ["--json {} set", { kind: "change", change: { kind: "set-json", json: "{}" }, options: change }],
    [
      "set a=b --plan --message why",
      {
        kind: "change",
        change: { kind: "set-pairs", pairs: ["a=b"] },
        options: { ...change, planOnly: true, message: "why" },
      },
    ],
    [
      "--confirm 5m --no-wait unset a",
      { kind: "change", change: { kind: "unset", keys: ["a"] }, options: { ...change, confirm: 300, wait: false } },
    ],
    ["apply", { kind: "change", change: { kind: "apply", sources: ["-"] }, options: change }],
    ["apply f.toml -", { kind: "change", change: { kind: "apply", sources: ["f.toml", "-"] }, options: change }],
    ["restore 7", { kind: "change", change: { kind: "restore", generation: 7 }, options: change }],
    ["diff 3 5", { kind: "diff", from: 3, to: 5 }],
    ["confirm", { kind: "confirm", generation: undefined }],
    ["outcome 4", { kind: "outcome", number: 4 }],
    ["plan --tx t", { kind: "plan", tx: "t" }],
    ["host-containers", { kind: "host-containers" }],
    ["watch", { kind: "watch" }],
    ["reboot", { kind: "reboot" }],
  ];
  for (const [line, request] of cases) {
    test(line, () => {
      const wanted = readWords(line.split(" "));
      expect(wanted).toEqual({ ok: true, value: { socketPath: undefined, verbose: false, request: request as never } });
    });
  }

  test("global options count before and after the subcommand", () => {
    for (const line of ["-s /x -v get a", "get -s /x a -v", "get a --socket-path=/x --log-level debug"]) {
      const wanted = readWords(line.split(" "));
      expect(wanted.ok && [wanted.value.socketPath, wanted.value.verbose]).toEqual(["/x", true]);
    }
  });

  const wrong: Readonly<Record<string, string>> = {
    "": "--uri",
    "-u": "needs a value",
    "-u /a -u /b": "given twice",
    "gett a": 'did you mean "get"',
    "set a": "KEY=VALUE",
    set: "KEY=VALUE",
    "set a=b -j {}": "not both",
    "get --plan": "not one of",
    "set a=b --confirm soon": "No time",
    "set a=b --plan --confirm 5m": "do not go together",
    "set a=b --mesage x": 'did you mean "--message"',
    restore: "number",
    "diff 1 2 3": "number",
    "reboot now": "no argument",
    "report cis": "not in this version",
    "--log-level loud get": "No log level",
  };
  for (const [line, says] of Object.entries(wrong)) {
    test(`"${line}" is refused`, () => {
      const wanted = readWords(line === "" ? [] : line.split(" "));
      expect(wanted.ok ? "taken" : wanted.fault.code).toBe("usage");
      expect(wanted.ok ? "" : wanted.fault.message).toContain(says);
    });
  }

  test("-h anywhere asks for help", () => {
    const wanted = readWords(["set", "-h"]);
    expect(wanted.ok ? "" : wanted.fault.code).toBe("help");
  });
});
