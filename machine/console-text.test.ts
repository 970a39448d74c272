import { expect, test } from "bun:test";
import { lastLines, plainText, plainTextStream } from "./console-text.ts";

test("plainText() removes colours, cursor movement, titles and carriage returns", () => {
  const raw = "\u001B[2J\u001B[01;01H[\u001B[0;32m  OK  \u001B[0m] Started \u001B]0;title\u0007x\u001B(B.\r\n\0";
  expect(plainText(raw)).toBe("[  OK  ] Started x.\n");
});

test("lastLines() skips empty lines and gives what there is", () => {
  expect(lastLines("one\r\n\r\ntwo\r\nthree", 2)).toEqual(["two", "three"]);
  expect(lastLines("", 2)).toEqual([]);
});

test("plainText() leaves nothing that could steer a terminal", () => {
  expect(plainText("a\u0008\u0007\u009B2Jb\tc\u007F\n")).toBe("a2Jb\tc\n");
});

test("plainTextStream() takes out sequences and characters that two pieces share", () => {
  const plain = plainTextStream();
  const bytes = new TextEncoder().encode("one \u001B[0;32mOK\u001B[0m é\u001B]0;title\u0007 two\n");
  expect(Array.from(bytes, (byte) => plain(Uint8Array.of(byte))).join("")).toBe("one OK é two\n");
});
