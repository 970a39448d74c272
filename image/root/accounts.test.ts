import { expect, test } from "bun:test";
import { groupFile, passwdFile } from "./accounts.ts";

const packages = [
  { name: "p", why: "x", files: {}, users: [{ name: "_chrony", id: 990, why: "time: kept", home: "/var/lib/chrony" }] },
  { name: "q", why: "x", files: {}, groups: [{ name: "api", id: 274, why: "API" }] },
];

test("passwdFile() gives every user no shell and keeps a colon in a reason from adding a field", () => {
  const lines = passwdFile(packages).trimEnd().split("\n");
  expect(lines[1]).toBe("_chrony:x:990:990:time, kept:/var/lib/chrony:/usr/sbin/nologin");
  expect(lines.every((line) => line.split(":").length === 7)).toBe(true);
});

test("groupFile() has a group for every user and every group, in order of id", () => {
  expect(groupFile(packages)).toBe("root:x:0:\napi:x:274:\n_chrony:x:990:\nnogroup:x:65534:\n");
});
