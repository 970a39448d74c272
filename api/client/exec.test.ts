import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { fakeConsole } from "../exec/testing.ts";
import { ClientRig } from "./rig.ts";

let rig: ClientRig;

beforeEach(async () => {
  rig = await ClientRig.start();
});

afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

describe("exec", () => {
  test("gives input, shows output, and ends with the status of the command", async () => {
    const console = fakeConsole();
    console.type("line\n");
    console.endInput();
    const ended = await rig.run(["exec", "here", "sh", "-c", "cat; exit 7"], { console });
    expect({ ...ended, shown: console.shown().toString() }).toEqual({ code: 7, out: "", err: "", shown: "line\n" });
  });

  test("takes a -- before the command, and leaves its options alone", async () => {
    const console = fakeConsole();
    const { code } = await rig.run(["exec", "here", "--", "echo", "-n", "--", "-s", "--help"], { console });
    expect([code, console.shown().toString()]).toEqual([0, "-- -s --help"]);
  });

  test("carries much more input than may be outstanding, each byte once and in order", async () => {
    const console = fakeConsole();
    const big = Buffer.alloc(8 * 1024 * 1024);
    for (let at = 0; at < big.length; at += 4) big.writeUInt32LE(at, at);
    console.type(big);
    console.endInput();
    const { code } = await rig.run("exec here cat", { console });
    expect(code).toBe(0);
    expect(console.shown().equals(big)).toBe(true);
  }, 30_000);

  test("gives a slow reader everything, also after the command has ended", async () => {
    let bytes = 0;
    const console = fakeConsole({
      async write(piece) {
        if (bytes < 400_000) await Bun.sleep(4);
        bytes += piece.length;
      },
    });
    const { code } = await rig.run(["exec", "here", "head", "-c", "3000000", "/dev/zero"], { console });
    expect([code, bytes]).toEqual([0, 3_000_000]);
  }, 30_000);

  test("ends as a signal does that ends the command", async () => {
    const { code } = await rig.run(["exec", "here", "sh", "-c", "kill -TERM $$"], { console: fakeConsole() });
    expect(code).toBe(143);
  });

  test("says which target is not there", async () => {
    const ended = await rig.run("exec nobody true", { console: fakeConsole() });
    expect(ended).toEqual({ code: 1, out: "", err: 'Cannot run in "nobody": it is not there\n' });
  });

  test("says that nothing can be reached", async () => {
    const { code, err } = await rig.run("exec -s /nowhere.sock here true", { console: fakeConsole() });
    expect([code, err]).toEqual([1, 'Cannot reach the API at "/nowhere.sock": no such socket\n']);
  });

  test("makes the terminal raw, tells its size and changes, and restores it", async () => {
    const console = fakeConsole({ size: { rows: 30, cols: 100 } });
    const running = rig.run("exec here cat", { console });
    console.type("a");
    while (console.shown().length === 0) await Bun.sleep(5);
    console.resizeTo({ rows: 31, cols: 101 });
    console.endInput();
    expect((await running).code).toBe(0);
    expect(console.rawModes).toEqual([true, false]);
  });

  test("restores the terminal when it is interrupted, and ends with 130", async () => {
    const console = fakeConsole({ size: { rows: 30, cols: 100 } });
    const stop = new AbortController();
    const running = rig.run("exec here sleep 100", { console, signal: stop.signal });
    while (console.rawModes.length === 0) await Bun.sleep(5);
    stop.abort();
    expect((await running).code).toBe(130);
    expect(console.rawModes).toEqual([true, false]);
  });

  test("-T keeps a terminal as it is", async () => {
    const console = fakeConsole({ size: { rows: 30, cols: 100 } });
    expect((await rig.run("exec -T here true", { console })).code).toBe(0);
    expect(console.rawModes).toEqual([]);
  });

  const wrong = ["exec", "exec here", "exec -t -T here ls", "exec --plan here ls", "get -t"];
  for (const words of wrong) {
    test(`refuses "${words}"`, async () => expect((await rig.run(words)).code).toBe(2));
  }
});
