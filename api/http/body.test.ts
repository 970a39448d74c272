import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type BodyFault, BodyReader, type Framing, framingOf } from "./body.ts";

const LIMIT = 1000;

describe("framingOf()", () => {
  const cases: readonly (readonly [string, Record<string, string>, BodyFault | Framing])[] = [
    ["nothing", {}, undefined],
    ["a length", { "content-length": "12" }, { length: 12 }],
    ["no bytes", { "content-length": "0" }, undefined],
    ["chunks", { "transfer-encoding": "Chunked" }, "chunked"],
    ["a length with a sign", { "content-length": "+12" }, "bad-head"],
    ["a length in hexadecimal", { "content-length": "0x12" }, "bad-head"],
    ["both", { "content-length": "1", "transfer-encoding": "chunked" }, "bad-head"],
    ["another coding", { "transfer-encoding": "gzip, chunked" }, "bad-head"],
    ["too much", { "content-length": "1001" }, "too-large"],
  ];
  for (const [name, headers, wanted] of cases) {
    test(name, () => {
      const framing = framingOf(new Map(Object.entries(headers)), LIMIT);
      expect(framing.ok ? framing.value : framing.fault.code).toEqual(wanted);
    });
  }
});

/** Pushes `bytes` in pieces of `cut`; the body and what is left over, or the fault's code. */
function read(bytes: Buffer, cut: number, framing: "chunked" | { length: number }) {
  const reader = new BodyReader(framing, LIMIT);
  for (let at = 0; at < bytes.length; at += cut) {
    const pushed = reader.push(bytes.subarray(at, at + cut));
    if (!pushed.ok) return pushed.fault.code;
    if (pushed.value !== undefined) {
      const rest = Buffer.concat([pushed.value, bytes.subarray(at + cut)]).toString();
      return { body: Buffer.from(reader.bytes()).toString("latin1"), rest };
    }
  }
  return "more";
}

describe("BodyReader", () => {
  test("reads chunks however they and the bytes are cut, and leaves what follows", () => {
    const pieces = fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 60 }), (chunks, cut) => {
        const lines = chunks.map((chunk) => `${chunk.length.toString(16)};x=y\r\n${chunk}\r\n`).join("");
        const bytes = Buffer.from(`${lines}0\r\nTrailer: t\r\n\r\nGET /`, "latin1");
        expect(read(bytes, cut, "chunked")).toEqual({ body: chunks.join(""), rest: "GET /" });
      }),
      { numRuns: 50 },
    );
  });

  test("reads a given length and leaves what follows", () => {
    for (const cut of [1, 2, 3, 50]) {
      expect(read(Buffer.from("abcdeGET /"), cut, { length: 5 })).toEqual({ body: "abcde", rest: "GET /" });
    }
  });

  const bad: Readonly<Record<string, readonly [string, string]>> = {
    "a size that is none": ["xyz\r\n", "bad-head"],
    "a negative size": ["-1\r\n", "bad-head"],
    "a line feed alone": ["1\na\n", "bad-head"],
    "a chunk that goes on": ["1\r\nab\r\n", "bad-head"],
    "a line without an end": ["1".repeat(300), "bad-head"],
    "more than the limit in one chunk": ["3e9\r\n", "too-large"],
    "more than the limit in all": [`200\r\n${"a".repeat(512)}\r\n200\r\n`, "too-large"],
  };
  for (const [name, [text, code]] of Object.entries(bad)) {
    test(`refuses ${name}`, () => expect(read(Buffer.from(text), 7, "chunked")).toBe(code));
  }
});
