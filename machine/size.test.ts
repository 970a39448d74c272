import { expect, test } from "bun:test";
import { parseMemory, parseSize } from "./size.ts";

const sizes = { "1K": 1024, "512M": 2 ** 29, "8G": 2 ** 33, "8GiB": 2 ** 33, "1T": 2 ** 40 };

for (const [text, bytes] of Object.entries(sizes)) {
  test(`parseSize() reads ${text}`, () => expect(parseSize(text)).toEqual({ ok: true, value: bytes }));
}

for (const text of ["", "8", "8g", "0G", "-1G", "1.5G", "8GB", "999999999T", " 8G"]) {
  test(`parseSize() refuses "${text}"`, () => expect(parseSize(text).ok).toBe(false));
}

const memories = { "512": 512, "64": 64, "2G": 2048, "768M": 768, "1GiB": 1024 };

for (const [text, mib] of Object.entries(memories)) {
  test(`parseMemory() reads ${text}`, () => expect(parseMemory(text)).toEqual({ ok: true, value: mib }));
}

for (const text of ["", "63", "65K", "1K", "2T", "x", "1.5G"]) {
  test(`parseMemory() refuses "${text}"`, () => expect(parseMemory(text).ok).toBe(false));
}
