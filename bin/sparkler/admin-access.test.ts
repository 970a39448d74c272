import { expect, test } from "bun:test";
import { planAccess, readAdmin } from "./admin-access.ts";

const key = "ssh-ed25519 AAAAC3 sparkler-default";
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
const withKey = encode({ ssh: { "authorized-keys": [key] } });

test("planAccess() turns the container on and gives it the key", () => {
  expect(planAccess({ enabled: false, userData: undefined }, key)).toEqual({
    change: { "host-containers": { admin: { "user-data": withKey, enabled: true } } },
    says: ["it is turned on", "its user data gets the key that this machine has in its folder"],
    knowsKey: true,
  });
});

test("planAccess() changes nothing where all is well, whatever the key's comment", () => {
  const other = encode({ ssh: { "authorized-keys": ["x", "ssh-ed25519 AAAAC3 elsewhere"] }, more: 1 });
  expect(planAccess({ enabled: true, userData: other }, key)).toEqual({ change: undefined, says: [], knowsKey: true });
});

for (const userData of [encode({ ssh: { "authorized-keys": ["ssh-ed25519 BBBB"] } }), encode([]), "!", "bm8="]) {
  test(`planAccess() leaves user data "${userData}" alone, and says so`, () => {
    const { change, says, knowsKey } = planAccess({ enabled: false, userData }, key);
    expect(change).toEqual({ "host-containers": { admin: { enabled: true } } });
    expect(says.at(-1)).toContain("your own keys");
    expect(knowsKey).toBe(false);
  });
}

test("readAdmin() reads what the API says", () => {
  expect(readAdmin({ "host-containers": { admin: { enabled: true, "user-data": "x", source: "y" } } })).toEqual({
    enabled: true,
    userData: "x",
  });
  for (const settings of [{}, { "host-containers": {} }, undefined, { "host-containers": { admin: {} } }]) {
    expect(readAdmin(settings)).toEqual({ enabled: false, userData: undefined });
  }
});
