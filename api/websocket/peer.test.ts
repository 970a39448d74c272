/** Two ends on one another, and each against the runtime's own implementation. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpServer } from "../http/server.ts";
import { type Close, CLOSE_CODES } from "./close.ts";
import { openWebSocket, type WebSocketClient } from "./client.ts";
import { encodeFrame } from "./frame.ts";
import { acceptUpgrade } from "./handshake.ts";
import { WebSocketPeer } from "./peer.ts";

let folder: string;
let path: string;
let server: HttpServer;
/** Ends of connections, as the server saw them. */
let ends: Close[];
let last: WebSocketPeer | undefined;
let timing: { pingMs?: number; silenceMs?: number };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "websocket-"));
  path = join(folder, "s");
  ends = [];
  timing = {};
  // Sends everything back; the text "bye" asks for the end.
  server = new HttpServer(path, ({ headers }) => {
    const accepted = acceptUpgrade(headers);
    if (!accepted.ok) return { status: 426, body: accepted.fault.message };
    return {
      status: 101,
      headers: accepted.value,
      upgrade(carrier) {
        const peer = new WebSocketPeer({
          carrier,
          role: "server",
          ...timing,
          onMessage(kind, payload) {
            if (Buffer.from(payload).toString() === "bye") peer.close(1000, "good");
            else peer.send(kind, payload);
          },
          onClose: (close) => void ends.push(close),
        });
        last = peer;
        return { received: (bytes) => peer.received(bytes), drained() {}, closed: () => peer.closed() };
      },
    };
  });
});

afterEach(() => {
  server.terminate();
  rmSync(folder, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(5);
}

type Own = { readonly client: WebSocketClient; readonly got: string[]; readonly closed: Promise<Close> };

async function own(): Promise<Own> {
  const got: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<Close>();
  const client = await openWebSocket({
    path,
    target: "/",
    ...timing,
    onMessage: (kind, payload) => void got.push(`${kind} ${Buffer.from(payload).toString()}`),
    onClose: resolve,
  });
  if (!client.ok) throw client.fault;
  return { client: client.value, got, closed };
}

/** A raw connection after the opening, and all that comes through it. */
async function raw(): Promise<{ socket: Socket; got: () => Buffer; closed: Promise<void> }> {
  const socket = connect(path);
  const pieces: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => pieces.push(chunk));
  socket.on("error", () => {}); // "close" follows
  const closed = new Promise<void>((resolve) => void socket.on("close", () => resolve()));
  socket.write(
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await until(() => Buffer.concat(pieces).includes("\r\n\r\n"));
  pieces.length = 0;
  return { socket, got: () => Buffer.concat(pieces), closed };
}

describe("our client and our server", () => {
  test("carry messages and end as agreed", async () => {
    const { client, got, closed } = await own();
    client.peer.send("text", "grüß");
    client.peer.send("binary", Buffer.alloc(60_000, "z"));
    await until(() => got.length === 2);
    client.peer.send("text", "bye");
    expect(await closed).toEqual({ code: 1000, reason: "good" });
    expect(got).toEqual(["text grüß", `binary ${"z".repeat(60_000)}`]);
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ code: 1000, reason: "good" }]);
  });

  test("keep a quiet connection, and give up one that is silent", async () => {
    timing = { pingMs: 20, silenceMs: 150 };
    const { client, closed } = await own();
    await Bun.sleep(400);
    expect(client.peer.open).toBe(true);
    client.peer.close(1000, "");
    await closed;
    const silent = await raw();
    await silent.closed;
    expect(ends.at(-1)?.code).toBe(CLOSE_CODES.abnormal);
  });

  test("notice that the other has gone", async () => {
    const { client } = await own();
    client.terminate();
    await until(() => ends.length === 1);
    expect(ends[0]?.code).toBe(CLOSE_CODES.abnormal);
    const other = await own();
    server.terminate();
    expect((await other.closed).code).toBe(CLOSE_CODES.abnormal);
  });
});

describe("our server", () => {
  const mask = Buffer.from([1, 2, 3, 4]);
  const pieces = Buffer.concat([Buffer.from([0x01, 0x81, 0, 0, 0, 0]), Buffer.from("a")]);
  const bad: Readonly<Record<string, readonly [Uint8Array, number]>> = {
    "a frame without mask": [encodeFrame("text", Buffer.from("a")), 1002],
    "a message in pieces": [pieces, 1003],
    "a text that is not UTF-8": [encodeFrame("text", Buffer.from([0xff]), mask), 1007],
    "a message that is too large": [encodeFrame("binary", Buffer.alloc(65_537), mask), 1009],
    "a close frame of one byte": [encodeFrame("close", Buffer.from([3]), mask), 1002],
  };
  for (const [name, [bytes, code]] of Object.entries(bad)) {
    test(`ends with ${code} on ${name}`, async () => {
      const { socket, got, closed } = await raw();
      socket.write(bytes);
      await until(() => got().length >= 4);
      expect([got()[0], got().readUInt16BE(2)]).toEqual([0x88, code]);
      socket.destroy();
      await closed;
    });
  }

  test("answers a ping, and takes messages that came with the request", async () => {
    const { socket, got } = await raw();
    socket.write(encodeFrame("ping", Buffer.from("hey"), mask));
    await until(() => got().length >= 5);
    expect(got().subarray(0, 5)).toEqual(Buffer.from(encodeFrame("pong", Buffer.from("hey"))));
    socket.destroy();
  });
});

describe("the runtime's own client", () => {
  let bridge: Server;
  let port: number;

  beforeEach(async () => {
    bridge = createServer((socket) => void socket.pipe(connect(path)).pipe(socket));
    await new Promise<void>((resolve) => void bridge.listen(0, "127.0.0.1", resolve));
    const address = bridge.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });

  afterEach(() => void bridge.close());

  test("understands our server", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    socket.binaryType = "arraybuffer";
    const got: string[] = [];
    socket.addEventListener("message", ({ data }) => void got.push(Buffer.from(data as string).toString()));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send("text");
    socket.send(Buffer.alloc(50_000, "y"));
    await until(() => got.length === 2);
    last?.send("text", "more");
    await until(() => got.length === 3);
    const ended = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
    socket.send("bye");
    const { code, reason, wasClean } = await ended;
    expect([got[0], got[1]?.length, got[2]]).toEqual(["text", 50_000, "more"]);
    expect([code, reason, wasClean]).toEqual([1000, "good", true]);
  });
});

test("the runtime's own server understands our client", async () => {
  const seen: unknown[] = [];
  const unix = join(folder, "bun");
  const other = Bun.serve({
    unix,
    fetch: (request, upgrading) => (upgrading.upgrade(request) ? undefined : new Response("no", { status: 400 })),
    websocket: {
      message(socket, message) {
        seen.push(typeof message === "string" ? message : message.length);
        if (seen.length === 2) socket.close(1011, "enough");
      },
    },
  });
  const { promise: closed, resolve } = Promise.withResolvers<Close>();
  const client = await openWebSocket({ path: unix, target: "/", onMessage() {}, onClose: resolve });
  if (!client.ok) throw client.fault;
  client.value.peer.send("text", "one");
  client.value.peer.send("binary", Buffer.alloc(30_000));
  expect(await closed).toEqual({ code: 1011, reason: "enough" });
  expect(seen).toEqual(["one", 30_000]);
  await other.stop(true);
});
