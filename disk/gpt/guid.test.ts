import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { orThrow } from "../../base/result.ts";
import { decodeGuid, encodeGuid, guid, parseGuid } from "./guid.ts";
import { anyGuid } from "./testing.ts";

test("encodeGuid() stores the EFI system type as UEFI does", () => {
  const bytes = encodeGuid(guid("c12a7328-f81f-11d2-ba4b-00a0c93ec93b"));
  expect(Buffer.from(bytes).toString("hex")).toBe("28732ac11ff8d211ba4b00a0c93ec93b");
});

test("encodeGuid() stores the BOOT type as the text it spells", () => {
  const bytes = encodeGuid(guid("6b636168-7420-6568-2070-6c616e657421"));
  expect(Buffer.from(bytes).toString("latin1")).toBe("hack the planet!");
});

test("decodeGuid() reverses encodeGuid() for every GUID", () => {
  fc.assert(fc.property(anyGuid, (value) => expect(decodeGuid(encodeGuid(value))).toBe(value)));
});

test("parseGuid() takes upper case and answers in lower case", () => {
  const parsed: string = orThrow(parseGuid("C12A7328-F81F-11D2-BA4B-00A0C93EC93B"));
  expect(parsed).toBe("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
});

test.each([
  ["an empty text", ""],
  ["braces", "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}"],
  ["missing dashes", "c12a7328f81f11d2ba4b00a0c93ec93b"],
  ["a digit too many", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b0"],
  ["a letter that is no digit", "g12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
  ["a line end", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b\n"],
])("parseGuid() refuses %s", (_name, text) => {
  expect(parseGuid(text).ok).toBe(false);
});
