/** `apiclient exec` into containers of a real containerd. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { runApiclient } from "../../api/client/apiclient.ts";
import { type FakeConsole, fakeConsole } from "../../api/exec/testing.ts";
import { ApiServer } from "../../api/server/server.ts";
import { fakeEngine } from "../../api/server/testing.ts";
import { silentLog } from "../../base/log.ts";
import { ok } from "../../base/result.ts";
import { TestRuntime } from "./runtime.ts";

let runtime: TestRuntime;
let server: ApiServer;
let socketPath: string;
let pipes: string;

beforeAll(async () => {
  runtime = await TestRuntime.start();
  await runtime.makeContainer("control", ["PATH=/usr/bin:/bin", "GREETING=good day"]);
  pipes = join(runtime.folder, "pipes");
  socketPath = join(runtime.folder, "api.sock");
  server = await ApiServer.start({
    engine: fakeEngine(),
    socketPath,
    log: silentLog,
    reboot: async () => ok(undefined),
    execSocketPath: runtime.socket,
    execFolder: pipes,
  });
}, 600_000);

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await runtime?.[Symbol.asyncDispose]();
}, 60_000);

type Ended = { readonly code: number; readonly shown: string; readonly err: string };

async function exec(
  words: readonly string[],
  console: FakeConsole = fakeConsole(),
  signal?: AbortSignal,
): Promise<Ended> {
  let err = "";
  const more = signal === undefined ? {} : { signal };
  const ports = { socketPath, console, err: (text: string) => void (err += text), ...more };
  const code = await runApiclient(["exec", ...words], ports);
  return { code, shown: console.shown().toString(), err };
}

const sh = (command: string): readonly string[] => ["control", "sh", "-c", command];

/** The pipes of processes that are over are taken away a moment after the client has its answer. */
async function untilNoPipes(): Promise<void> {
  while ((await readdir(pipes).catch(() => [])).length > 0) await Bun.sleep(10);
}

/** How many processes of the container have `text` on their command lines. */
async function count(text: string): Promise<number> {
  const [first = "", ...rest] = text;
  const { shown } = await exec(sh(`grep -lzs '[${first}]${rest.join("")}' /proc/[0-9]*/cmdline | wc -l`));
  return Number(shown.trim());
}

describe("exec in a container", () => {
  test("gives output of both kinds and the exit status, and leaves nothing behind", async () => {
    const ended = await exec(sh("echo out; echo err >&2; exit 42"));
    expect(ended.code).toBe(42);
    expect(ended.shown.split("\n").sort()).toEqual(["", "err", "out"]);
    await untilNoPipes();
  });

  test("runs with what the container's own process has, and TERM", async () => {
    const { shown } = await exec(
      sh("echo $GREETING; pwd; echo $TERM; grep -hE 'CapPrm|NoNewPrivs' /proc/self/status | sort"),
    );
    expect(shown).toBe("good day\n/usr\nscreen\nCapPrm:\t00000000000000a1\nNoNewPrivs:\t1\n");
  });

  test("passes words as they are", async () => {
    const words = ["", "a b", '"q"', "grüß", "$HOME", "-n", "--"];
    const { shown } = await exec(["control", "--", "printf", "<%s>", ...words]);
    expect(shown).toBe(words.map((word) => `<${word}>`).join(""));
  });

  test("carries input to its end", async () => {
    const console = fakeConsole();
    const big = Buffer.alloc(3_000_000, "0123456789abcdef\n");
    console.type(big);
    console.endInput();
    const { code } = await exec(["control", "cat"], console);
    expect([code, console.shown().equals(big)]).toEqual([0, true]);
  }, 60_000);

  test("gives all output of a process that ends at once after it", async () => {
    const { shown } = await exec(sh("head -c 2000000 /dev/zero | tr '\\0' x"));
    expect(shown.length).toBe(2_000_000);
  }, 60_000);

  test("gives a terminal of the right size, tells it of another one, and takes its keys", async () => {
    const console = fakeConsole({ size: { rows: 33, cols: 101 } });
    const running = exec(sh("stty size; trap 'stty size; exit 5' WINCH; while :; do sleep 0.1; done"), console);
    while (!console.shown().includes("33 101")) await Bun.sleep(10);
    console.resizeTo({ rows: 44, cols: 120 });
    const ended = await running;
    expect([ended.code, ended.shown]).toEqual([5, "33 101\r\n44 120\r\n"]);
    const keys = fakeConsole({ size: { rows: 33, cols: 101 } });
    const sleeping = exec(["control", "sleep", "1000"], keys);
    await Bun.sleep(500);
    keys.type("\u0003");
    expect((await sleeping).code).toBe(130);
  }, 30_000);

  test("ends the input of a terminal", async () => {
    const console = fakeConsole();
    console.type("line\n");
    console.endInput();
    const { code, shown } = await exec(["-t", "control", "cat"], console);
    expect([code, shown.replaceAll("\r", "")]).toEqual([0, "line\nline\n"]);
  });

  test("ends with 128 and the number of a signal", async () => {
    expect((await exec(sh("kill -SEGV $$"))).code).toBe(139);
  });

  test("kills the process and what it has started when the client goes", async () => {
    const stop = new AbortController();
    const running = exec(sh("sleep 98765 & sleep 98765"), fakeConsole(), stop.signal);
    while ((await count("98765")) < 2) await Bun.sleep(50);
    stop.abort();
    expect((await running).code).toBe(130);
    while ((await count("98765")) > 0) await Bun.sleep(50);
    await untilNoPipes();
  }, 60_000);

  test("runs several at once", async () => {
    const all = await Promise.all([...Array(12).keys()].map((number) => exec(sh(`sleep 0.2; exit ${number}`))));
    expect(all.map(({ code }) => code)).toEqual([...Array(12).keys()]);
    await untilNoPipes();
  }, 60_000);

  test("says why it cannot", async () => {
    const missing = await exec(["control", "/no/such/program"]);
    const why = 'Cannot run "/no/such/program" in "control": no such file or directory\n';
    expect([missing.code, missing.err]).toEqual([1, why]);
    const nobody = await exec(["admin", "true"]);
    expect(nobody.err).toBe('Cannot run in "admin": there is no such container, or it does not run\n');
    await runtime.makeContainer("stopped");
    await runtime.stopContainer("stopped");
    expect((await exec(["stopped", "true"])).err).toBe('Cannot run in "stopped": it does not run\n');
    await untilNoPipes();
  }, 30_000);

  test("ends when the container does", async () => {
    await runtime.makeContainer("brief");
    const running = exec(["brief", "sleep", "1000"]);
    await Bun.sleep(500);
    await runtime.stopContainer("brief");
    expect((await running).code).toBe(137);
    await untilNoPipes();
  }, 30_000);
});
