import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { parseRegistryConfig, readRegistryConfig } from "./config.ts";

test("parseRegistryConfig() reads mirrors and credentials", () => {
  const text =
    '[mirrors."docker.io"]\nendpoints = ["m.example"]\n[creds."x.example"]\nusername = "u"\npassword = "p"\n';
  expect(orThrow(parseRegistryConfig(text, "f"))).toEqual({
    mirrors: [{ registry: "docker.io", endpoint: ["m.example"] }],
    credentials: [{ registry: "x.example", username: "u", password: "p" }],
  });
});

test("parseRegistryConfig() never shows what is in the file", () => {
  for (const text of ['[creds."x"]\npassword = "hidden', '[creds."x"]\nsecret = "hidden"\n']) {
    const read = parseRegistryConfig(text, "f");
    expect(read.ok ? "" : read.fault.message).toContain('"f"');
    expect(read.ok ? "" : read.fault.message).not.toContain("hidden");
  }
});

test("readRegistryConfig() takes a file that is not there as one without content", async () => {
  expect(orThrow(await readRegistryConfig("/nonexistent/file"))).toEqual({ mirrors: [], credentials: [] });
});
