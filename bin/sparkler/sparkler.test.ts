import { expect, test } from "bun:test";
import { join } from "node:path";
import { run } from "../../base/run.ts";
import { dispatch } from "./dispatch.ts";
import { type Group, type Passage, root } from "./tree.ts";

type Told = { readonly status: number; readonly out: string; readonly err: string };

async function tell(group: Group, ...argv: readonly string[]): Promise<Told> {
  let [out, err] = ["", ""];
  const status = await dispatch(group, argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { status, out, err };
}

/** A tree whose commands tell with what they were called. */
function tracing(): { readonly group: Group; readonly calls: string[] } {
  const calls: string[] = [];
  const passage = (name: string): Passage => ({
    kind: "passage",
    summary: name,
    load: () =>
      Promise.resolve((argv: readonly string[]) => {
        calls.push([name, ...argv].join(" "));
        return Promise.resolve(0);
      }),
  });
  const image: Group = { kind: "group", name: "s image", summary: "", words: { build: passage("image build") } };
  return { calls, group: { kind: "group", name: "s", summary: "", words: { api: passage("api"), image } } };
}

test("dispatch() passes words on, a leading --name with them", async () => {
  const { group, calls } = tracing();
  await tell(group, "api", "-u", "/settings");
  await tell(group, "--name", "x", "api", "get");
  await tell(group, "--name=x", "image", "build", "--json");
  await tell(group, "help", "api");
  expect(calls).toEqual(["api -u /settings", "api --name x get", "image build --name=x --json", "api --help"]);
});

test("dispatch() shows help without words, for groups as well, and no hidden command", async () => {
  const shown = await tell(root);
  expect(shown.status).toBe(0);
  expect(shown.out).toContain("  up       ");
  expect(shown.out).not.toContain("monitor");
  expect((await tell(root, "image")).out).toStartWith("Usage: sparkler image COMMAND");
});

test("dispatch() suggests the nearest command and fails with 2", async () => {
  expect(await tell(root, "statsu")).toEqual({
    status: 2,
    out: "",
    err: 'sparkler: No command "statsu"\nDid you mean "status"?\nTry "sparkler --help".\n',
  });
  expect((await tell(root, "image", "xyzzy")).err).toContain("There are: build");
});

test("sparkler tells every wrong word of a command at once, and exits with 2", async () => {
  const program = join(import.meta.dir, "../sparkler.ts");
  const ran = await run([process.execPath, program, "up", "--memory", "3", "--disk-size", "x", "--frsh"]);
  const details = ran.ok ? {} : ran.fault.details;
  const message = ran.ok ? "" : ran.fault.message;
  expect(details["status"]).toBe(2);
  expect(message).toContain('No option "--frsh"; did you mean "--fresh"?');
  expect(message).toContain('Cannot use "3" as memory');
  expect(message).toContain('Cannot read the size "x"');
});

test("sparkler api says which machine is not there, and exits with 1", async () => {
  const program = join(import.meta.dir, "../sparkler.ts");
  const ran = await run([process.execPath, program, "--name", "no-such-machine", "api", "-u", "/settings"]);
  const fault = ran.ok ? undefined : ran.fault;
  expect(fault?.details["status"]).toBe(1);
  expect(fault?.message).toContain('There is no machine "no-such-machine"');
});
