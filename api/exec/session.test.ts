import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { ServerRig } from "../server/rig.ts";
import { CLOSE_CODES, type Close } from "../websocket/close.ts";
import { openWebSocket, RefusedFault, type WebSocketClient } from "../websocket/client.ts";
import { decodeCapacity, encodeClientMessage, type Initialize } from "./messages.ts";
import { localProcesses, type Started } from "./testing.ts";

let rig: ServerRig;
let started: Started[];

beforeEach(async () => {
  started = [];
  rig = new ServerRig();
  rig.startProcess = localProcesses("here", (each) => void started.push(each));
  await rig.startServer();
});

afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

type Seen = WebSocketClient & {
  readonly texts: Uint8Array[];
  readonly out: () => string;
  readonly closed: Promise<Close>;
};

async function open(): Promise<Seen> {
  const texts: Uint8Array[] = [];
  let out = "";
  const { promise: closed, resolve } = Promise.withResolvers<Close>();
  const client = await openWebSocket({
    path: rig.socket,
    target: "/exec",
    onMessage: (kind, payload) =>
      void (kind === "text" ? texts.push(payload) : (out += Buffer.from(payload).toString())),
    onClose: resolve,
  });
  if (!client.ok) throw client.fault;
  return { ...client.value, texts, out: () => out, closed };
}

function initialize(command: string, tty?: Initialize["tty"]): string {
  const words = ["sh", "-c", command].map((word) => Buffer.from(word));
  return encodeClientMessage({ kind: "initialize", initialize: { command: words, target: "here", tty } });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(5);
}

describe("an exec session", () => {
  test("says at once how much may come, and again after every 128 messages written", async () => {
    const client = await open();
    await until(() => client.texts.length > 0);
    client.peer.send("text", initialize("cat >/dev/null"));
    for (let count = 0; count < 300; count++) client.peer.send("binary", "x");
    await until(() => client.texts.length > 2);
    expect(client.texts.map((text) => decodeCapacity(text)?.written)).toEqual([0, 128, 256]);
    client.peer.close(1000, "");
  });

  test("kills the process when the client vanishes", async () => {
    const client = await open();
    client.peer.send("text", initialize("sleep 1000"));
    await until(() => started.length > 0);
    client.terminate();
    await until(() => started[0]?.disposed === true);
    expect(started).toHaveLength(1);
  });

  test("tells the process of windows", async () => {
    const client = await open();
    client.peer.send("text", initialize("cat", { size: { rows: 1, cols: 2 } }));
    client.peer.send("text", encodeClientMessage({ kind: "winch", size: { rows: 3, cols: 4 } }));
    await until(() => (started[0]?.sizes.length ?? 0) > 0);
    expect(started[0]?.wanted.tty).toEqual({ size: { rows: 1, cols: 2 } });
    expect(started[0]?.sizes).toEqual([{ rows: 3, cols: 4 }]);
    client.peer.close(1000, "");
  });

  test("does not wait for what a process leaves behind with its output open", async () => {
    const client = await open();
    client.peer.send("text", initialize("sleep 20 & echo done; exit 3"));
    expect([await client.closed, client.out()]).toEqual([{ code: 1000, reason: "3" }, "done\n"]);
  });

  test("ends when the server stops", async () => {
    const client = await open();
    client.peer.send("text", initialize("sleep 1000"));
    await until(() => started.length > 0);
    await rig.stopServer();
    expect((await client.closed).code).toBe(CLOSE_CODES.goingAway);
    expect(started[0]?.disposed).toBe(true);
  });

  const refusals: Readonly<Record<string, readonly [(client: Seen) => void, number]>> = {
    "input before Initialize": [({ peer }) => peer.send("binary", "x"), 1008],
    "a window before Initialize": [
      ({ peer }) => peer.send("text", encodeClientMessage({ kind: "winch", size: { rows: 1, cols: 1 } })),
      1008,
    ],
    "bad JSON": [({ peer }) => peer.send("text", "{"), 1007],
    "a second Initialize": [
      ({ peer }) => {
        peer.send("text", initialize("cat"));
        peer.send("text", initialize("cat"));
      },
      1008,
    ],
    "more than 1024 outstanding messages": [
      ({ peer }) => {
        peer.send("text", initialize("sleep 100"));
        for (let count = 0; count < 1100; count++) peer.send("binary", Buffer.alloc(4096));
      },
      1009,
    ],
    "a program that is not there": [
      ({ peer }) => {
        const command = [Buffer.from("/no/such/program")];
        peer.send(
          "text",
          encodeClientMessage({ kind: "initialize", initialize: { command, target: "here", tty: undefined } }),
        );
      },
      1011,
    ],
    "a target that is not there": [
      ({ peer }) => {
        const command = [Buffer.from("true")];
        peer.send(
          "text",
          encodeClientMessage({ kind: "initialize", initialize: { command, target: "x", tty: undefined } }),
        );
      },
      1011,
    ],
  };
  for (const [name, [act, code]] of Object.entries(refusals)) {
    test(`ends with ${code} on ${name}`, async () => {
      const client = await open();
      act(client);
      expect((await client.closed).code).toBe(code);
    });
  }

  test("is refused with 426 to who does not ask for a WebSocket", async () => {
    const { status, headers } = await rig.call("GET", "/exec");
    expect([status, headers.get("upgrade")]).toEqual([426, "websocket"]);
  });

  test("is not opened for another path", async () => {
    const client = await openWebSocket({ path: rig.socket, target: "/exe", onMessage() {}, onClose() {} });
    expect(client.ok ? undefined : client.fault).toBeInstanceOf(RefusedFault);
  });
});
