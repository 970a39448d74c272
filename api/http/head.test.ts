import { describe, expect, test } from "bun:test";
import { parseHead } from "./head.ts";

describe("parseHead()", () => {
  test("reads line and fields", () => {
    const head = parseHead("PATCH /settings?tx=a HTTP/1.1\r\nHost: x\r\nAccept: a\r\nACCEPT:\t b \r\nEmpty:");
    expect(head.ok && { ...head.value, headers: Object.fromEntries(head.value.headers) }).toEqual({
      method: "PATCH",
      target: "/settings?tx=a",
      headers: { host: "x", accept: "a, b", empty: "" },
      keepAlive: true,
    });
  });

  const kept: readonly (readonly [string, boolean])[] = [
    ["GET / HTTP/1.1", true],
    ["GET / HTTP/1.1\r\nConnection: close", false],
    ["GET / HTTP/1.1\r\nConnection: x, Close", false],
    ["GET / HTTP/1.0", false],
    ["GET / HTTP/1.0\r\nConnection: Keep-Alive", true],
  ];
  for (const [text, keepAlive] of kept) {
    test(`${JSON.stringify(text)} ${keepAlive ? "keeps" : "ends"} the connection`, () => {
      const head = parseHead(text);
      expect(head.ok && head.value.keepAlive).toBe(keepAlive);
    });
  }

  const bad: Readonly<Record<string, string>> = {
    nothing: "",
    "no version": "GET /",
    "a later version": "GET / HTTP/2.0",
    "two spaces": "GET  / HTTP/1.1",
    "a method with a bracket": "G(T / HTTP/1.1",
    "a bare line feed in a field": "GET / HTTP/1.1\r\nA: b\nC: d",
    "a NUL in a field": "GET / HTTP/1.1\r\nA: b\0",
    "a bare carriage return": "GET / HTTP/1.1\r\nA: b\rC: d",
    "a folded field": "GET / HTTP/1.1\r\nA: b\r\n c",
    "a space before the colon": "GET / HTTP/1.1\r\nA : b",
    "no colon": "GET / HTTP/1.1\r\nA",
    "two lengths": "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1",
    "an escape in the address": "GET /\u001b[0m HTTP/1.1",
  };
  for (const [name, text] of Object.entries(bad)) {
    test(`refuses ${name}`, () => expect(parseHead(text).ok).toBe(false));
  }
});
