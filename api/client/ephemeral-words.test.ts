import { expect, test } from "bun:test";
import type { EphemeralRequest } from "./requests.ts";
import { readWords } from "./words.ts";

const cases: Readonly<Record<string, EphemeralRequest>> = {
  "ephemeral-storage init": { kind: "init", fileSystem: undefined, disks: undefined },
  "ephemeral-storage init -t ext4 --disks a b": { kind: "init", fileSystem: "ext4", disks: ["a", "b"] },
  "ephemeral-storage init --disks a --disks=b --filesystem=xfs": { kind: "init", fileSystem: "xfs", disks: ["a", "b"] },
  "-s /x ephemeral-storage bind --dirs /var/lib/containerd /b": { kind: "bind", dirs: ["/var/lib/containerd", "/b"] },
  "ephemeral-storage list-disks": { kind: "list", what: "list-disks", format: "text" },
  "ephemeral-storage list-dirs -f json -s /x": { kind: "list", what: "list-dirs", format: "json" },
};

test.each(Object.keys(cases))("readWords() reads `%s`", (line) => {
  const read = readWords(line.split(" "));
  const request: unknown = read.ok ? read.value.request : read.fault.message;
  expect(request).toEqual({ kind: "ephemeral", request: cases[line] });
});

test.each([
  "ephemeral-storage",
  "ephemeral-storage mount",
  "ephemeral-storage init a",
  "ephemeral-storage init -t btrfs",
  "ephemeral-storage init --disks",
  "ephemeral-storage init --dirs /a",
  "ephemeral-storage bind",
  "ephemeral-storage list-disks -f xml",
  "ephemeral-storage list-disks --tx a",
  "get -t xfs a",
])("readWords() refuses `%s`", (line) => {
  expect(readWords(line.split(" "))).toMatchObject({ ok: false, fault: { code: "usage" } });
});
