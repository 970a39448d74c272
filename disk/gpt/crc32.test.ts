import { expect, test } from "bun:test";
import { crc32 } from "./crc32.ts";

test("crc32() gives the published check value", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

test("crc32() of nothing is zero", () => {
  expect(crc32(new Uint8Array())).toBe(0);
});
