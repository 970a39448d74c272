import { describe, expect, test } from "bun:test";
import { acceptOf, acceptUpgrade, upgradeRequest } from "./handshake.ts";
import { parseHead } from "../http/head.ts";

test("acceptOf() gives the answer of RFC 6455 section 1.3", () => {
  expect(acceptOf("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

const good = {
  upgrade: "websocket",
  connection: "keep-alive, Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

describe("acceptUpgrade()", () => {
  test("takes what upgradeRequest() asks", () => {
    const head = parseHead(upgradeRequest("/exec", good["sec-websocket-key"]).trimEnd());
    expect(head.ok && acceptUpgrade(head.value.headers).ok).toBe(true);
  });

  const cases: Readonly<Record<string, readonly [Record<string, string>, boolean]>> = {
    "takes several words in Connection": [{}, true],
    "takes any case": [{ upgrade: "WebSocket" }, true],
    "refuses another protocol": [{ upgrade: "h2c" }, false],
    "refuses a connection that is not to be upgraded": [{ connection: "keep-alive" }, false],
    "refuses an older version": [{ "sec-websocket-version": "8" }, false],
    "refuses a short key": [{ "sec-websocket-key": "c2hvcnQ=" }, false],
  };
  for (const [name, [change, wanted]] of Object.entries(cases)) {
    test(name, () => expect(acceptUpgrade(new Map(Object.entries({ ...good, ...change }))).ok).toBe(wanted));
  }
});
