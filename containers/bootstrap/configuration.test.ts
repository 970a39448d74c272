import { expect, test } from "bun:test";
import { parseCommands, parseContainers } from "./configuration.ts";

test("parseContainers() gives containers by name, off and not essential unless they say so", () => {
  const text = '["b"]\nsource = "a/b"\n["a"]\nmode = "always"\nessential = true\nuser-data = "YQ=="\n';
  expect(parseContainers(text)).toEqual({
    ok: true,
    value: [
      { name: "a", source: undefined, mode: "always", essential: true, userData: "YQ==" },
      { name: "b", source: "a/b", mode: "off", essential: false, userData: undefined },
    ],
  });
  expect(parseContainers("")).toEqual({ ok: true, value: [] });
});

test("parseCommands() takes apiclient only", () => {
  const good = '["x"]\ncommands = [["apiclient", "get"]]\nmode = "once"\n';
  expect(parseCommands(good)).toEqual({
    ok: true,
    value: [{ name: "x", commands: [["apiclient", "get"]], mode: "once", essential: false }],
  });
  for (const bad of ['["x"]\ncommands = [["sh"]]', '["x"]\ncommands = [[]]', '["x"]\nmore = 1', '["../x"]', "= 1"]) {
    expect(parseCommands(bad)).toMatchObject({ ok: false, fault: { code: "bad-configuration" } });
  }
});

test("parseContainers() does not tell what was in a file that it cannot read", () => {
  const read = parseContainers('["a"]\nuser-data = "secret!"\n');
  expect(read.ok ? "" : read.fault.message).toContain("a.user-data");
  expect(read.ok ? "secret" : read.fault.message).not.toContain("secret");
});
