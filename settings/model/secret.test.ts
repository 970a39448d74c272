import { expect, test } from "bun:test";
import { isSecret, redact, REDACTED } from "./secret.ts";

test("isSecret() knows secret settings by their full names", () => {
  expect(isSecret("settings.network.https-proxy")).toBe(true);
  expect(isSecret('"settings".network."https-proxy"')).toBe(true);
  for (const name of ["settings.network", "settings.motd", "network.https-proxy", "settings.x", "a..b"]) {
    expect([name, isSecret(name)]).toEqual([name, false]);
  }
});

test("redact() replaces secret values and nothing else", () => {
  const settings = { motd: "a", network: { hostname: "b", "https-proxy": "http://u:p@c" } };
  expect({ ...redact(settings) }).toMatchObject({ motd: "a", network: { hostname: "b", "https-proxy": REDACTED } });
  expect(JSON.stringify(redact(settings))).not.toContain("u:p");
});
