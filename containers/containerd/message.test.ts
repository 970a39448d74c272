import { expect, test } from "bun:test";
import fc from "fast-check";
import { Fault } from "../../base/result.ts";
import { binary, bool, int64, labels, list, message, nested, text, uint32 } from "./message.ts";

type Inner = { readonly name: string };
const inner = message<Inner>({ name: text(1) });

type Sample = {
  readonly id: string;
  readonly data: Uint8Array;
  readonly size: number;
  readonly state: number;
  readonly flag: boolean;
  readonly words: readonly string[];
  readonly parts: readonly Inner[];
  readonly one: Inner | undefined;
  readonly labels: Readonly<Record<string, string>>;
};
const sample = message<Sample>({
  id: text(1),
  data: binary(2),
  size: int64(3),
  state: uint32(4),
  flag: bool(5),
  words: list(text(6)),
  parts: list(nested(7, inner)),
  one: nested(8, inner),
  labels: labels(9),
});

const name = fc.string({ unit: "grapheme" });

test("message() reads back what it has written", () => {
  const value = fc.record({
    id: name,
    data: fc.uint8Array(),
    size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    state: fc.nat({ max: 0xffff_ffff }),
    flag: fc.boolean(),
    words: fc.array(name.filter((word) => word !== "")),
    parts: fc.array(fc.record({ name })),
    one: fc.option(fc.record({ name }), { nil: undefined }),
    labels: fc.dictionary(name, name),
  });
  fc.assert(fc.property(value, (given) => expect(sample.decode(sample.encode(given))).toEqual(given)));
});

test("message() has empty values for what is missing, and skips fields that it does not know", () => {
  const empty = { id: "", data: new Uint8Array(), size: 0, state: 0, flag: false, words: [], parts: [], labels: {} };
  expect(sample.decode(new Uint8Array())).toEqual({ ...empty, one: undefined });
  expect(inner.decode(sample.encode({ id: "x", size: 5, words: ["y"] }))).toEqual({ name: "x" });
});

test("message() writes bytes as the encoding's specification has them", () => {
  expect(Buffer.from(sample.encode({ id: "ab", state: 300 })).toString("hex")).toBe("0a02616220ac02");
});

test("message() refuses bytes that end too early", () => {
  const whole = sample.encode({ id: "abc", parts: [{ name: "d" }] });
  expect(() => sample.decode(whole.subarray(0, whole.length - 1))).toThrow(Fault);
});
