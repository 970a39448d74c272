import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../base/log.ts";
import { encodeFrame } from "./frame.ts";
import { serveGuest } from "./guest.ts";
import { type ControlServer, serveControl } from "./host.ts";
import { FakePort, type FakePortOptions } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "channel-"));
const apiSocket = join(folder, "guest-api.sock");
let api: Bun.Server<undefined>;

beforeAll(() => {
  api = Bun.serve({
    unix: apiSocket,
    async fetch(request) {
      const path = new URL(request.url).pathname;
      if (path === "/slow") await Bun.sleep(300);
      if (path === "/echo") return new Response(await request.arrayBuffer());
      return new Response(`answer to ${path}`);
    },
  });
});

afterAll(async () => {
  await api.stop(true);
  rmSync(folder, { recursive: true });
});

type Rig = AsyncDisposable & { readonly port: FakePort; readonly channel: string; readonly socket: string };

/** A guest behind a fake port; `socket` is where a ControlServer made by `withHost` listens. */
function rig(options: FakePortOptions): Rig {
  const name = Math.random().toString(36).slice(2);
  const channel = join(folder, `${name}.chan`);
  const port = new FakePort(channel, options);
  const stop = new AbortController();
  const served = serveGuest({ device: port.device, apiSocket, log: silentLog, signal: stop.signal });
  return {
    port,
    channel,
    socket: join(folder, `${name}.sock`),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await served;
      await port[Symbol.asyncDispose]();
    },
  };
}

function host(at: Rig): Promise<ControlServer> {
  return serveControl({ channelSocket: at.channel, apiSocket: at.socket, waitMs: 5000 });
}

async function get(at: Rig, path: string): Promise<string> {
  // A kept-alive connection would be tried first, and the request silently sent again on another.
  const response = await fetch(`http://localhost${path}`, { unix: at.socket, keepalive: false });
  return response.text();
}

describe("control channel", () => {
  test("carries several requests at once, the slow not holding up the quick", async () => {
    await using at = rig({ tellsAway: true });
    await using _host = await host(at);
    const order: string[] = [];
    const paths = ["/slow", "/a", "/b", "/c", "/d", "/e"];
    const answers = await Promise.all(
      paths.map(async (path) => {
        const answer = await get(at, path);
        order.push(path);
        return answer;
      }),
    );
    expect(answers).toEqual(paths.map((path) => `answer to ${path}`));
    expect(order.at(-1)).toBe("/slow");
  });

  for (const takes of [32 * 1024, 1000]) {
    test(`carries 5 MB there and back, three at once, through a device that takes ${takes} bytes`, async () => {
      await using at = rig({ tellsAway: true, takes });
      await using _host = await host(at);
      const size = 5_000_000;
      const bodies = [1, 2, 3].map((seed) => Buffer.alloc(size, `body ${seed} `));
      const answers = await Promise.all(
        bodies.map(async (body) => {
          const response = await fetch("http://localhost/echo", { unix: at.socket, method: "POST", body });
          return Buffer.from(await response.arrayBuffer());
        }),
      );
      for (const [index, answer] of answers.entries()) expect(answer.equals(bodies[index] ?? answer)).toBe(true);
      expect(answers).toHaveLength(3);
    }, 30_000);
  }

  test("lets others through while one reader takes nothing", async () => {
    await using at = rig({ tellsAway: true });
    await using _host = await host(at);
    const body = Buffer.alloc(4_000_000, "x");
    const stuck = connect({ path: at.socket });
    stuck.pause();
    stuck.write(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    stuck.write(body);
    await Bun.sleep(300);
    expect(await get(at, "/after")).toBe("answer to /after");
    stuck.destroy();
    expect(await get(at, "/later")).toBe("answer to /later");
  });

  test("serves again after QEMU has closed the socket", async () => {
    await using at = rig({ tellsAway: true });
    await using _host = await host(at);
    expect(await get(at, "/one")).toBe("answer to /one");
    const { promise: cut, resolve } = Promise.withResolvers<string>();
    let answer = "";
    const socket = connect({ path: at.socket });
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("close", () => resolve(answer));
    socket.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    await Bun.sleep(50);
    at.port.dropHost();
    expect(await cut).toBe("");
    expect(await get(at, "/two")).toBe("answer to /two");
  });

  test("serves again after the guest's program was started anew", async () => {
    await using at = rig({ tellsAway: true });
    await using _host = await host(at);
    expect(await get(at, "/one")).toBe("answer to /one");
    const stop = new AbortController();
    stop.abort();
    // A second program on the same port says that everything before it is lost, as a restarted one does.
    await serveGuest({ device: at.port.device, apiSocket, log: silentLog, signal: stop.signal });
    at.port.device.write(encodeFrame("lost", 0));
    await Bun.sleep(50);
    expect(await get(at, "/two")).toBe("answer to /two");
  });

  test("closes a local connection that no guest answers in time", async () => {
    const socket = join(folder, "nobody.sock");
    await using _host = await serveControl({ channelSocket: join(folder, "nobody"), apiSocket: socket, waitMs: 100 });
    const failed = await fetch("http://localhost/", { unix: socket }).then(
      () => "answered",
      () => "closed",
    );
    expect(failed).toBe("closed");
  });

  for (const tellsAway of [true, false]) {
    const seen = tellsAway ? "that the guest notices" : "that the guest does not notice";
    test(`serves the next session after a host ${seen} went at every byte of one`, async () => {
      await using at = rig({ tellsAway });
      const recording = await record(at);
      expect(recording.length).toBeGreaterThan(300);
      for (let size = 0; size <= recording.length; size++) {
        await sendRaw(at.channel, recording.subarray(0, size));
        await using _host = await host(at);
        expect(await get(at, `/after-${size}`)).toBe(`answer to /after-${size}`);
      }
    }, 60_000);
  }
});

/** What a host sends in a session with a body to post: greeting, streams, data, credit, ends. */
async function record(at: Rig): Promise<Buffer> {
  const server = await host(at);
  await get(at, "/recorded");
  await fetch("http://localhost/echo", { unix: at.socket, method: "POST", body: "y".repeat(50) });
  await server[Symbol.asyncDispose]();
  return Buffer.concat(at.port.received);
}

function sendRaw(channel: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: channel });
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("connect", () => socket.end(bytes));
    socket.resume();
  });
}
