import { expect, test } from "bun:test";
import { lastLines, plainText } from "./console-text.ts";

test("plainText() removes colours, cursor movement, titles and carriage returns", () => {
  const raw = "\u001B[2J\u001B[01;01H[\u001B[0;32m  OK  \u001B[0m] Started \u001B]0;title\u0007x\u001B(B.\r\n\0";
  expect(plainText(raw)).toBe("[  OK  ] Started x.\n");
});

test("lastLines() skips empty lines and gives what there is", () => {
  expect(lastLines("one\r\n\r\ntwo\r\nthree", 2)).toEqual(["two", "three"]);
  expect(lastLines("", 2)).toEqual([]);
});
