import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeFrame, type Frame, type FrameKind, FrameReader } from "./frame.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** All frames in `bytes`, given in pieces of `cut`; the code of the fault in place of what follows it. */
function read(bytes: Uint8Array, { masked = false, cut = bytes.length, maxPayload = 100_000 } = {}) {
  const reader = new FrameReader({ masked, maxPayload });
  const found: (Frame | string)[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, cut)) {
    reader.push(bytes.subarray(at, at + Math.max(1, cut)));
    for (let next = reader.next(); ; next = reader.next()) {
      if (!next.ok) return [...found, next.fault.code];
      if (next.value === undefined) break;
      found.push(next.value);
    }
  }
  return found;
}

const frame = (kind: FrameKind, text: string, final = true) => ({ kind, final, payload: Buffer.from(text) });

describe("RFC 6455 section 5.7", () => {
  const examples: readonly (readonly [string, string, boolean, object])[] = [
    ["a text without mask", "81 05 48 65 6c 6c 6f", false, frame("text", "Hello")],
    ["a text with mask", "81 85 37 fa 21 3d 7f 9f 4d 51 58", true, frame("text", "Hello")],
    ["the first of two pieces", "01 03 48 65 6c", false, frame("text", "Hel", false)],
    ["the last of two pieces", "80 02 6c 6f", false, frame("continuation", "lo")],
    ["a ping", "89 05 48 65 6c 6c 6f", false, frame("ping", "Hello")],
    ["a pong with mask", "8a 85 37 fa 21 3d 7f 9f 4d 51 58", true, frame("pong", "Hello")],
  ];
  for (const [name, bytes, masked, wanted] of examples) {
    test(`reads ${name}`, () => expect(read(hex(bytes), { masked })).toEqual([wanted as Frame]));
  }

  test("writes them", () => {
    expect(encodeFrame("text", Buffer.from("Hello"))).toEqual(hex("8105 48656c6c6f"));
    expect(encodeFrame("text", Buffer.from("Hello"), hex("37fa213d"))).toEqual(hex("8185 37fa213d 7f9f4d5158"));
    expect(encodeFrame("binary", new Uint8Array(256)).subarray(0, 4)).toEqual(hex("827e0100"));
    expect(encodeFrame("binary", new Uint8Array(65_536)).subarray(0, 10)).toEqual(hex("827f0000000000010000"));
  });
});

describe("FrameReader", () => {
  const bad: Readonly<Record<string, readonly [string, string]>> = {
    "a kind that is none": ["83 00", "malformed"],
    "a reserved bit": ["c1 00", "malformed"],
    "a ping in pieces": ["09 00", "malformed"],
    "a ping that is too long": ["89 7e 00 80", "malformed"],
    "a length that is padded": ["81 7e 00 05", "malformed"],
    "a long length that is padded": ["81 7f 00 00 00 00 00 00 ff ff", "malformed"],
    "a mask where there must be none": ["81 80 00 00 00 00", "malformed"],
    "more than the limit": ["82 7e 03 e9", "too-large"],
    "a length beyond all numbers": ["82 7f ff ff ff ff ff ff ff ff", "too-large"],
  };
  for (const [name, [bytes, code]] of Object.entries(bad)) {
    test(`refuses ${name}`, () => expect(read(hex(bytes), { maxPayload: 1000, cut: 1 })).toEqual([code]));
  }

  test("refuses what is not masked where it must be", () => {
    expect(read(hex("81 00"), { masked: true })).toEqual(["malformed"]);
  });

  test("gives back what was written, however it is cut, with and without mask", () => {
    const kinds = fc.constantFrom<FrameKind>("text", "binary");
    const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 65_535, 65_536, 70_000));
    const messages = fc.array(fc.tuple(kinds, sizes), { minLength: 1, maxLength: 4 });
    const masks = fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined });
    fc.assert(
      fc.property(messages, masks, fc.integer({ min: 1, max: 5000 }), (list, mask, cut) => {
        const frames = list.map(([kind, size]) => ({ kind, payload: Buffer.alloc(size, "sparkler") }));
        const bytes = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload, mask)));
        const wanted = frames.map((each) => ({ ...each, final: true }));
        expect(read(bytes, { masked: mask !== undefined, cut })).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, masked) => {
        for (const each of read(bytes, { masked, cut: 3, maxPayload: 100 })) {
          if (typeof each !== "string") expect(each.payload.length).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 300 },
    );
  });
});
