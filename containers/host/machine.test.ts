import { expect, test } from "bun:test";
import { inheritedEnvironment, limitsOf, proxyFrom } from "./machine.ts";

test.each([
  ["https://registry.example", { HTTPS_PROXY: "http://p:1" }, "http://p:1"],
  ["https://registry.example", { https_proxy: "p:1" }, "http://p:1"],
  ["http://registry.example", { HTTPS_PROXY: "http://p:1" }, undefined],
  ["https://registry.example", {}, undefined],
  ["https://registry.example", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a, .example" }, undefined],
  ["https://registry.example:5000", { HTTPS_PROXY: "http://p:1", NO_PROXY: "registry.example" }, undefined],
  ["https://notexample", { HTTPS_PROXY: "http://p:1", NO_PROXY: "example" }, "http://p:1"],
])("proxyFrom() for %s with %j", (url, environment, proxy) => {
  expect(proxyFrom(environment)(url)).toBe(proxy);
});

test("inheritedEnvironment() hands on the proxies and nothing else", () => {
  const environment = { HTTPS_PROXY: "p", no_proxy: "n", https_proxy: "", SECRET: "s" };
  expect(inheritedEnvironment(environment)).toEqual(["HTTPS_PROXY=p", "no_proxy=n"]);
});

test.each([
  [512, 1024],
  [64, 256],
  [65_536, 4096],
])("limitsOf() of %i MiB: half of the memory, %i processes", (mib, processes) => {
  expect(limitsOf(mib * 2 ** 20)).toEqual({ memoryBytes: mib * 2 ** 19, processes });
});
