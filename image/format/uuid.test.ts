import { expect, test } from "bun:test";
import { derivedUuid } from "./uuid.ts";

test("derivedUuid() is the same for one name, another for another, with version 8 and the variant of RFC 9562", () => {
  expect(derivedUuid("root")).toBe(derivedUuid("root"));
  expect(derivedUuid("root")).not.toBe(derivedUuid("hash"));
  expect(derivedUuid("root")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
