import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { readElf } from "./elf.ts";

test("readElf() finds what this very program needs", async () => {
  const read = readElf(await readFile(process.execPath));
  expect(read.ok ? read.value.needed : []).toContain("libc.so.6");
  expect(read.ok && read.value.program).toBe(true);
});

test.each([
  ["nothing", new Uint8Array()],
  ["text", new TextEncoder().encode("#!/bin/true\n")],
  ["a 32-bit header", Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 1, 1])],
])("readElf() refuses %s", (_, bytes) => {
  expect(readElf(bytes).ok).toBe(false);
});

test("readElf() never throws, whatever the bytes after the magic are", () => {
  const head = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), (rest) => {
      expect(typeof readElf(Uint8Array.from([...head, ...rest])).ok).toBe("boolean");
    }),
  );
});
