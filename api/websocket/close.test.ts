import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeClose, encodeClose } from "./close.ts";

test("encodeClose() is read back, cut at a character's border where it is too long", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1000, 1001, 1007, 1011, 3000, 4999),
      fc.string({ unit: "grapheme" }),
      (code, reason) => {
        const payload = encodeClose({ code, reason });
        const read = decodeClose(payload);
        expect(payload.length).toBeLessThanOrEqual(125);
        expect(read?.code).toBe(code);
        expect(reason.startsWith(read?.reason ?? "-")).toBe(true);
        expect(Buffer.byteLength(reason) - Buffer.byteLength(read?.reason ?? "")).toBeLessThanOrEqual(
          Math.max(0, Buffer.byteLength(reason) - 119),
        );
      },
    ),
  );
});

const payloads: Readonly<Record<string, readonly [string, unknown]>> = {
  "no code": ["", { code: 1005, reason: "" }],
  "a code alone": ["03e8", { code: 1000, reason: "" }],
  "half a code": ["03", undefined],
  "a code that must not travel": ["03ee", undefined],
  "a code that is nobody's": ["0000", undefined],
  "a reason that is not UTF-8": ["03e8ff", undefined],
};
for (const [name, [bytes, wanted]] of Object.entries(payloads)) {
  test(`decodeClose() of ${name}`, () => expect(decodeClose(Buffer.from(bytes, "hex"))).toEqual(wanted as never));
}
