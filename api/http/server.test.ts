import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpAnswer, HttpRequest, Sink } from "./message.ts";
import { HttpServer } from "./server.ts";

const LIMITS = {
  head: 2000,
  body: 1000,
  bodies: 3000,
  connections: 8,
  streamBacklog: 100_000,
  headMs: 300,
  bodyMs: 600,
  stalledMs: 600,
  idleMs: 60_000,
  lingerMs: 300,
};
const BIG = new Uint8Array(8 * 1024 * 1024).fill(65);

let folder: string;
let path: string;
let server: HttpServer;
let sinks: Sink[];
let left: number;

function handle({ method, target, body }: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
  if (target === "/big") return { status: 200, body: BIG };
  if (target === "/late") return Bun.sleep(30).then(() => ({ status: 200, body: "late" }));
  if (target === "/stream") {
    return {
      status: 200,
      stream(sink) {
        sinks.push(sink);
        return () => void (left += 1);
      },
    };
  }
  return { status: 200, body: `${method} ${target} ${Buffer.from(body).toString()}` };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "http-"));
  path = join(folder, "s");
  sinks = [];
  left = 0;
  server = new HttpServer(path, handle, LIMITS);
});

afterEach(() => {
  server.terminate();
  rmSync(folder, { recursive: true });
});

type Client = { readonly socket: Socket; readonly got: () => string; readonly closed: Promise<void> };

function client(text: string): Client {
  let got = "";
  const socket = connect({ path, allowHalfOpen: true }, () => void socket.write(text));
  socket.on("data", (chunk: Buffer) => (got += chunk.toString("latin1")));
  socket.on("error", () => {}); // "close" follows
  socket.on("end", () => void socket.end());
  const closed = new Promise<void>((resolve) => void socket.on("close", () => resolve()));
  return { socket, got: () => got, closed };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await Bun.sleep(5);
}

describe("HttpServer", () => {
  test("answers what is sent in one go in its order, late answers too", async () => {
    const { got, closed } = client(
      "GET /late HTTP/1.1\r\n\r\nPOST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\nConnection: close\r\n\r\n",
    );
    await closed;
    expect(got().match(/late|POST \/a hi|GET \/b/g)).toEqual(["late", "POST /a hi", "GET /b"]);
  });

  test("reads a request that comes byte by byte", async () => {
    const each = client("");
    for (const char of "POST /x HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") {
      each.socket.write(char);
      await Bun.sleep(0);
    }
    await each.closed;
    expect(each.got()).toEndWith("POST /x abc");
  });

  test("answers a client that has ended its side", async () => {
    const each = client("");
    each.socket.on("connect", () => void each.socket.end("GET /late HTTP/1.1\r\n\r\n"));
    await each.closed;
    expect(each.got()).toEndWith("late");
  });

  test("a HEAD has no body, and Expect is answered first", async () => {
    const head = client("HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    await head.closed;
    expect(head.got()).toMatch(/Content-Length: \d+\r\n[^]*\r\n\r\n$/);
    const waits = client("POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\n");
    await until(() => waits.got().includes("100 Continue"));
    waits.socket.write("z");
    await waits.closed;
    expect(waits.got()).toEndWith("POST /x z");
  });

  const refused: Readonly<Record<string, readonly [string, string]>> = {
    "a head without an end": ["", "408"],
    "half a head": ["GET / HTTP/1.1\r\nA:", "408"],
    "half a body": ["POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", "408"],
    garbage: ["\0\x01\r\n\r\n", "400"],
    "a head that is too long": [`GET / HTTP/1.1\r\nA: ${"x".repeat(3000)}`, "431"],
    "a body that is too large": ["POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", "413"],
    "another version": ["GET / HTTP/3.0\r\n\r\n", "505"],
  };
  for (const [name, [text, status]] of Object.entries(refused)) {
    test(`${name} is ${status}, and the client is dropped`, async () => {
      const each = client(text);
      await each.closed;
      expect(each.got()).toStartWith(`HTTP/1.1 ${status} `);
      await until(() => server.connections === 0);
    });
  }

  test("a sender of too much gets to read why", async () => {
    const each = client(`POST / HTTP/1.1\r\nContent-Length: 900000\r\n\r\n${"x".repeat(900_000)}`);
    await each.closed;
    expect(each.got()).toContain("larger than 1000 bytes");
  });

  test("bodies that come slowly are bounded in sum", async () => {
    const part = `POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n${"x".repeat(900)}`;
    const clients = [client(part), client(part), client(part), client(part)];
    await Promise.all(clients.map(({ closed }) => closed));
    const statuses = clients.map(({ got }) => got().slice(9, 12)).sort();
    expect(statuses).toEqual(["408", "408", "408", "503"]);
  });

  test("a client that does not read is dropped, and one that reads gets everything", async () => {
    const slow = client("GET /big HTTP/1.1\r\n\r\n");
    slow.socket.pause();
    const fetched = await fetch("http://localhost/big", { unix: path, keepalive: false });
    expect((await fetched.bytes()).byteLength).toBe(BIG.byteLength);
    await until(() => server.connections === 0);
    slow.socket.destroy();
  });

  test("one client more than are let in is told so, and an idle one makes room", async () => {
    const busy = Array.from({ length: LIMITS.connections }, () => client("GET /stream HTTP/1.1\r\n\r\n"));
    await until(() => sinks.length === LIMITS.connections);
    const more = client("GET /x HTTP/1.1\r\n\r\n");
    await more.closed;
    expect(more.got()).toStartWith("HTTP/1.1 503 ");
    busy[0]?.socket.destroy();
    await until(() => server.connections < LIMITS.connections);
    const idle = client("GET /idle HTTP/1.1\r\n\r\n");
    await until(() => idle.got().includes("/idle"));
    const last = client("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    await last.closed;
    expect(last.got()).toContain("GET /x");
    await idle.closed;
    for (const { socket } of busy) socket.destroy();
  });

  test("a stream goes on until its client leaves, and drops one that does not read", async () => {
    const reads = client("GET /stream HTTP/1.1\r\n\r\n");
    await until(() => sinks.length === 1);
    expect(sinks[0]?.write("one")).toBe(true);
    await until(() => reads.got().includes("3\r\none\r\n"));
    reads.socket.destroy();
    await until(() => left === 1);
    expect(sinks[0]?.write("two")).toBe(false);

    const sleeps = client("GET /stream HTTP/1.1\r\n\r\n");
    await until(() => sinks.length === 2);
    sleeps.socket.pause();
    const text = "x".repeat(10_000);
    let count = 0;
    while (sinks[1]?.write(text) === true && count < 1000) count += 1;
    expect(count).toBeLessThan(1000);
    await until(() => left === 2);
    sleeps.socket.destroy();
  });

  test("hundreds of pipelined requests whose answers are not read do not pile up", async () => {
    const each = client("GET /big HTTP/1.1\r\n\r\n".repeat(90));
    each.socket.pause();
    await Bun.sleep(50);
    const before = process.memoryUsage.rss();
    await until(() => server.connections === 0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
    each.socket.destroy();
  });
});
