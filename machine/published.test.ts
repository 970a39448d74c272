import { expect, test } from "bun:test";
import { parsePublished } from "./published.ts";

test("parsePublished() reads a port here and a port there", () => {
  expect(parsePublished("8080:80")).toEqual({ ok: true, value: [8080, 80] });
});

test.each(["", "80", ":80", "80:", "0:80", "80:65536", "127.0.0.1:80:80", "a:b", "80:80,hostfwd=x"])(
  "parsePublished() refuses %j",
  (text) => {
    expect(parsePublished(text).ok).toBe(false);
  },
);
