import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { languageByContent, languageByName, scriptProgram } from "./interpreters.ts";

test.each([
  "sh",
  "bash",
  "dash",
  "busybox",
  "busybox.static",
  "zsh",
  "perl",
  "perl5.40.1",
  "python3",
  "python3.13",
  "mawk",
  "gawk",
  "lua5.4",
  "node",
  "bun",
  "vi",
])("languageByName() knows %s", (name) => {
  expect(languageByName(name)).toBeDefined();
});

test.each([
  "systemctl",
  "mount",
  "chronyd",
  "sparkler-host",
  "ssh",
  "push",
  "runc",
  "awkward",
  "udevadm",
  "signpost",
  "apiclient",
])("languageByName() does not take %s for an interpreter", (name) => {
  expect(languageByName(name)).toBeUndefined();
});

test("languageByContent() knows the runtime of this very test, whatever it is called", async () => {
  expect(languageByContent(await readFile(process.execPath))).toBe("JavaScript");
});

test("scriptProgram() reads the first line", () => {
  const lines = ["#!/bin/sh -e\n", "#! /usr/bin/perl\n", "no", "#!", "#!\n/bin/sh\n"];
  expect(lines.map((line) => scriptProgram(Buffer.from(line)))).toEqual([
    "/bin/sh",
    "/usr/bin/perl",
    undefined,
    undefined,
    undefined,
  ]);
});
