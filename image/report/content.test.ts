import { expect, test } from "bun:test";
import { type Content, readContent } from "./content.ts";
import { inSampleTree, sampleOwners } from "./testing.ts";

async function sample(): Promise<Content> {
  const ports = [{ protocol: "udp" as const, port: 68 }];
  return inSampleTree((tree) => readContent({ tree, owners: sampleOwners, packages: [{ name: "net", ports }] }));
}

test("readContent() lists every file and link in order, with owner and mode", async () => {
  const { files } = await sample();
  expect(files.map((each) => each.path)).toEqual(files.map((each) => each.path).sort());
  expect(files).toHaveLength(14);
  expect(files.find((each) => each.path === "usr/bin/tool")).toEqual({
    path: "usr/bin/tool",
    kind: "file",
    bytes: 64,
    mode: 0o755,
    owner: { definition: "tools", debian: "tool", version: "1.0-1" },
    executable: "elf",
  });
  const link = files.find((each) => each.path === "usr/lib/libx.so");
  expect([link?.kind, link?.bytes, link?.target, link?.owner.definition]).toEqual(["link", 0, "libx.so.1", "image"]);
});

test("readContent() takes for executable what the kernel would start", async () => {
  const { files } = await sample();
  const found = files.flatMap((each) => (each.executable === undefined ? [] : [[each.path, each.executable]]));
  expect(found).toEqual([
    ["usr/bin/hidden", "elf"],
    ["usr/bin/perl5.40", "elf"],
    ["usr/bin/raised", "elf"],
    ["usr/bin/tool", "elf"],
    ["usr/bin/wrapper", "script"],
  ]);
});

test("readContent() finds interpreters by name, by content, by first line and by link", async () => {
  const { interpreters } = await sample();
  expect(interpreters).toEqual([
    { path: "usr/bin/hidden", language: "shell", found: "content" },
    { path: "usr/bin/perl5.40", language: "perl", found: "name" },
    { path: "usr/bin/sh", language: "shell", found: "name" },
    { path: "usr/bin/wrapper", language: "python", found: "script" },
  ]);
});

test("readContent() finds units, what they listen on, and open ports", async () => {
  const { units, ports } = await sample();
  expect(units.map((each) => [each.name, each.definition, each.listens.length])).toEqual([
    ["a.service", "image", 0],
    ["a.socket", "release", 4],
  ]);
  expect(ports).toEqual([
    { protocol: "tcp", address: "*", port: 22, from: "a.socket" },
    { protocol: "udp", address: "::1", port: 323, from: "a.socket" },
    { protocol: "tcp", address: "127.0.0.1", port: 8080, from: "a.socket" },
    { protocol: "udp", address: "*", port: 68, from: "net" },
  ]);
});

test("readContent() counts kernel modules", async () => {
  expect((await sample()).modules).toEqual({ count: 1, bytes: 70 });
});
