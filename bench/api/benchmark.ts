/** `api`: the API server natively, beside a bare server that gives the same bytes and bare transactions. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Fault, orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { makeExecutable } from "../../image/executable.ts";
import { toolRoot } from "../../image/tools.ts";
import type { Benchmark } from "../context.ts";
import type { Figure } from "../figure.ts";
import { bareTransactions } from "./bare-transactions.ts";
import { compileLoad, type Load, runLoad } from "./load.ts";
import { ENVIRONMENT, hostArgv, NativeServer } from "./native-server.ts";
import { changeRequests, manySettings, requestText } from "./requests.ts";

const SECONDS = 3;
const CLIENTS = 8;
const bareServer = fileURLToPath(new URL("bare-server.ts", import.meta.url));

export const api: Benchmark = {
  summary: "the API server natively, beside a bare server and bare transactions in the same run",
  async run({ progress }) {
    const root = await progress.step("Build tools", () => toolRoot("build"));
    const folder = await mkdtemp(join(tmpdir(), "sparkler-bench-api-"));
    try {
      await compileLoad(root, folder);
      await makeExecutable(join(folder, "sparkler-host"));
      const figures = await progress.step("API", async () => [
        ...(await starting(folder)),
        ...(await reading(folder)),
        ...(await changing(folder)),
        ...(await burdened(folder)),
      ]);
      return { name: "api", title: "The API server natively, without JIT as in the image", figures };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** A server with an empty store of its own, for the time of `work`. */
async function withServer<T>(folder: string, work: (server: NativeServer) => Promise<T>): Promise<T> {
  for (const name of ["store", "root", "api.sock"]) await rm(join(folder, name), { recursive: true, force: true });
  await using server = await NativeServer.start(folder);
  return await work(server);
}

function load(folder: string, socket: string, connections: number, ...requests: readonly string[]): Promise<Load> {
  return runLoad({ work: folder, socket, connections, seconds: SECONDS, requests });
}

/** What an idle server holds, and what one call of the client costs. */
function starting(folder: string): Promise<readonly Figure[]> {
  return withServer(folder, async (server) => {
    const idle = await server.resident();
    const get = await meanMs(20, () => client(folder, "get", "settings.motd"));
    const motd = join(folder, "root/etc/motd");
    const set = await meanMs(20, async (round) => {
      await client(folder, "set", `motd=round ${round}.`);
      await untilFile(motd, `round ${round}.`);
    });
    return [
      { name: "resident, idle", value: idle.now / 1024, unit: "MiB", aim: { atMost: 45 } },
      {
        name: "apiclient get, end to end",
        value: get,
        unit: "ms",
        digits: 1,
        aim: { atMost: 15 },
      },
      {
        name: "apiclient set until the file is new",
        value: set,
        unit: "ms",
        digits: 1,
        aim: { atMost: 30 },
      },
    ];
  });
}

async function client(folder: string, ...args: readonly string[]): Promise<void> {
  orThrow(
    await run(hostArgv(folder, "apiclient", "--socket-path", join(folder, "api.sock"), ...args), {
      env: ENVIRONMENT,
      timeoutMs: 60_000,
    }),
  );
}

async function untilFile(path: string, text: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!existsSync(path) || !(await readFile(path, "utf8")).includes(text)) {
    if (performance.now() > end) throw new Fault("too-slow", `Cannot see "${text}" in "${path}"`);
    await sleep(1);
  }
}

async function meanMs(rounds: number, work: (round: number) => Promise<void>): Promise<number> {
  await work(-1);
  const began = performance.now();
  for (let round = 0; round < rounds; round++) await work(round);
  return (performance.now() - began) / rounds;
}

/** GET of all settings, beside a bare server with the very bytes. */
async function reading(folder: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let few = 0;
  for (const count of [55, 1000, 2000]) {
    const [ours, bytes] = await withServer(folder, async ({ socket }) => {
      await change(socket, manySettings(count));
      const answer = await fetch("http://localhost/settings", { unix: socket });
      await writeFile(join(folder, "answer.json"), await answer.bytes());
      const all = await load(folder, socket, CLIENTS, requestText("GET", "/settings"));
      if (count === 1000) {
        const one = await load(folder, socket, CLIENTS, requestText("GET", "/settings?keys=settings.motd"));
        figures.push({ name: "GET of one key among 1,000", value: rate(one), unit: "/s", aim: { atLeast: 20_000 } });
      }
      return [rate(all), Bun.file(join(folder, "answer.json")).size] as const;
    });
    if (count === 55) few = ours;
    const bare = await bareRate(folder);
    const aim = count === 2000 ? few / 2 : 20_000;
    figures.push(
      { name: `GET of ${count} settings`, value: ours, unit: "/s", aim: { atLeast: aim }, note: `${bytes} bytes` },
      {
        name: `  of a bare server's ${Math.round(bare)}/s`,
        value: (100 * ours) / bare,
        unit: "%",
        aim: { atLeast: 60 },
      },
    );
  }
  return figures;
}

async function change(socket: string, settings: object): Promise<void> {
  const options = { unix: socket, headers: { "Content-Type": "application/json" } };
  const calls = [
    ["PATCH", "/settings?tx=bench", JSON.stringify(settings)],
    ["POST", "/tx/commit?tx=bench", ""],
  ] as const;
  for (const [method, uri, body] of calls) {
    const answer = await fetch(`http://localhost${uri}`, { ...options, method, body });
    if (!answer.ok) throw new Fault("refused", `Cannot prepare the settings: ${uri}: ${await answer.text()}`);
  }
}

async function bareRate(folder: string): Promise<number> {
  const socket = join(folder, "bare.sock");
  await rm(socket, { force: true });
  const args = [bareServer, socket, join(folder, "answer.json")];
  const child = spawn(process.execPath, args, { env: { BUN_JSC_useJIT: "0" }, stdio: "inherit" });
  try {
    for (const end = performance.now() + 10_000; !existsSync(socket); await sleep(5)) {
      if (performance.now() > end) throw new Fault("not-started", "Cannot start the bare server");
    }
    return rate(await load(folder, socket, CLIENTS, requestText("GET", "/settings")));
  } finally {
    child.kill("SIGKILL");
  }
}

/** Durable changes, each client with a transaction of its own. */
function changing(folder: string): Promise<readonly Figure[]> {
  return withServer(folder, async ({ socket }) => {
    const bare = bareTransactions(join(folder, "bare.sqlite"), SECONDS);
    const figures: Figure[] = [{ name: "bare durable transactions", value: bare, unit: "/s" }];
    for (const clients of [1, 8, 64]) {
      const { rounds, seconds, refused } = await load(folder, socket, clients, ...changeRequests);
      const note = refused === 0 ? undefined : `${refused} refused`;
      const own = rounds / seconds;
      figures.push(
        { name: `PATCH and commit, ${clients} clients`, value: own, unit: "/s", note },
        { name: "  of the bare transactions", value: (100 * own) / bare, unit: "%", aim: { atLeast: 40 } },
      );
    }
    return figures;
  });
}

/** What the server holds at most when much is asked of it at once. */
function burdened(folder: string): Promise<readonly Figure[]> {
  return withServer(folder, async (server) => {
    const many = await load(folder, server.socket, 1000, requestText("GET", "/settings"));
    const { most: afterMany } = await server.resident();
    const big = JSON.stringify({ motd: "x".repeat(4 * 2 ** 20 - 64) });
    await load(folder, server.socket, 8, requestText("PATCH", "/settings?tx=big", big)).catch(() => undefined); // it may hang up on it
    const { most } = await server.resident();
    return [
      { name: "GET of all settings, 1,000 clients", value: rate(many), unit: "/s" },
      { name: "resident at most, 1,000 clients", value: afterMany / 1024, unit: "MiB" },
      { name: "resident at most, bodies of 4 MiB from 8 clients", value: most / 1024, unit: "MiB" },
    ];
  });
}

function rate({ answers, seconds }: Load): number {
  return answers / seconds;
}
