import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatKey, keyOf, MAX_NAME_BYTES, parseKey } from "./key.ts";

const good: Readonly<Record<string, readonly string[]>> = {
  motd: ["motd"],
  "settings.ntp.time-servers": ["settings", "ntp", "time-servers"],
  'a."b.c".d': ["a", "b.c", "d"],
  '"a".b': ["a", "b"],
  'a.b"."c': ["a", "b.c"],
  "node-labels.example/name": ["node-labels", "example/name"],
  __proto__: ["__proto__"],
};

const bad: Readonly<Record<string, string>> = {
  "empty name": "",
  "only quotes": '""',
  "empty segment": "a..b",
  "quoted empty segment": 'a."".b',
  "leading dot": ".a",
  "trailing dot": "a.",
  "open quote": 'a."b',
  space: "a.b c",
  "space in quotes": 'a."b c"',
  "not ASCII": "a.ü",
  colon: "a:b",
  newline: "a\nb",
  "too long": "a".repeat(MAX_NAME_BYTES + 1),
};

describe("parseKey()", () => {
  for (const [name, segments] of Object.entries(good)) {
    test(`parseKey() reads ${name}`, () => {
      expect(parseKey(name)).toEqual({ ok: true, value: [segments[0] ?? "", ...segments.slice(1)] });
    });
  }
  for (const [why, name] of Object.entries(bad)) {
    test(`parseKey() refuses: ${why}`, () => {
      const parsed = parseKey(name);
      expect(parsed.ok).toBe(false);
      expect(parsed.ok ? "" : parsed.fault.code).toBe("invalid-key");
    });
  }
  test("parseKey() takes a name of exactly the longest length", () => {
    expect(parseKey("a".repeat(MAX_NAME_BYTES)).ok).toBe(true);
  });

  const segment = fc.stringMatching(/^[A-Za-z0-9_\-/.]{1,20}$/);
  test("parseKey() gives back the segments that formatKey() wrote", () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        expect(parseKey(formatKey(segments))).toEqual(keyOf(segments));
      }),
    );
  });
  test("parseKey() never throws, and what it takes is written back as an equal key", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-c."/ -]{0,30}$/));
    fc.assert(
      fc.property(text, (name) => {
        const parsed = parseKey(name);
        expect(parsed.ok ? parseKey(formatKey(parsed.value)) : parsed).toEqual(parsed);
      }),
    );
  });
});
