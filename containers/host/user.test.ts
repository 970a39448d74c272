import { expect, test } from "bun:test";
import { needsAccounts, parseUser } from "./user.ts";

const files = { passwd: "root:x:0:0::/:\nweb:x:101:102::/:\nbad:x:y:z\n", group: "root:x:0:\nstaff:x:50:web\n" };

test.each([
  ["", { uid: 0, gid: 0 }, false],
  ["root", { uid: 0, gid: 0 }, false],
  ["1000", { uid: 1000, gid: 0 }, false],
  ["1000:50", { uid: 1000, gid: 50 }, false],
  ["web", { uid: 101, gid: 102 }, true],
  ["web:staff", { uid: 101, gid: 50 }, true],
  ["web:7", { uid: 101, gid: 7 }, true],
  ["9:staff", { uid: 9, gid: 50 }, true],
])("parseUser() reads %j", (text, user, named) => {
  expect(parseUser(text, files)).toEqual({ ok: true, value: user });
  expect(needsAccounts(text)).toBe(named);
});

test.each(["nobody", "bad", "1:x", "-1", "1:2:3", ":1"])("parseUser() refuses %j", (text) => {
  expect(parseUser(text, files).ok).toBe(false);
  expect(parseUser(text).ok).toBe(false);
});
