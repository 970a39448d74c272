import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { clashes, readDefinitions } from "./definitions.ts";

const os = fileURLToPath(new URL("../os", import.meta.url));

test("readDefinitions() reads the default variant with all its packages", async () => {
  const read = await readDefinitions(os, "qemu-dev");
  expect(read.ok ? read.value.packages.map((each) => each.name) : read.fault.message).toContain("systemd");
});

test("readDefinitions() names the file of a variant that does not exist", async () => {
  const read = await readDefinitions(os, "no-such");
  expect(read.ok ? "" : read.fault.message).toContain("no-such.json");
});

test("clashes() names an id that two users share", () => {
  const one = { name: "a", id: 5, why: "x" };
  const both = [{ name: "p", why: "x", files: {}, users: [one, { ...one, name: "b" }] }];
  expect(clashes(both)).toEqual(['Cannot give id 5 to "b": another of the users has it']);
});
