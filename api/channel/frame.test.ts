import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LineReader, MAX_LINE, decodeFrame, encodeFrame } from "./frame.ts";

describe("decodeFrame()", () => {
  test("reads back what encodeFrame() wrote, however it was cut", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.nat(99_999),
        fc.integer({ min: 1, max: 50 }),
        (data, id, cut) => {
          const bytes = encodeFrame("data", id, data);
          const reader = new LineReader();
          const lines: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += cut) lines.push(...reader.push(bytes.subarray(at, at + cut)));
          expect(lines).toHaveLength(1);
          const frame = decodeFrame(lines[0] ?? new Uint8Array());
          expect(frame.ok && frame.value).toEqual({ kind: "data", stream: id, payload: Buffer.from(data) });
        },
      ),
      { numRuns: 50 },
    );
  });

  test("refuses every proper beginning of a line", () => {
    const bytes = encodeFrame("data", 7, "some payload");
    for (let size = 0; size < bytes.length - 1; size++) expect(decodeFrame(bytes.subarray(0, size)).ok).toBe(false);
  });

  const malformed: Record<string, string> = {
    "an unknown kind": "shout 1 ",
    "a stream number with a sign": "data -1 ",
    "a stream number with a leading zero": "data 01 ",
    "a missing payload": "data 1",
    "payload that is not base64": "data 1 %%%",
    "payload with bits to spare": "data 1 QUI",
    "a further word": "data 1 QUI= x",
  };
  for (const [name, text] of Object.entries(malformed)) {
    test(`refuses ${name}`, () => {
      const line = `${text} ${Bun.hash.crc32(text).toString(16).padStart(8, "0")}`;
      expect(decodeFrame(Buffer.from(line)).ok).toBe(false);
    });
  }
});

describe("LineReader", () => {
  test("drops a line that is too long and goes on with the next", () => {
    const reader = new LineReader();
    for (let count = 0; count < 5; count++) expect(reader.push(new Uint8Array(MAX_LINE / 2).fill(65))).toEqual([]);
    const lines = reader.push(Buffer.from("tail\nnext\n"));
    expect(lines.map((line) => Buffer.from(line).toString())).toEqual(["next"]);
  });
});
