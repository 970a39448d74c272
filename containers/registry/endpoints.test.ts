import { expect, test } from "bun:test";
import { orThrow } from "../../base/result.ts";
import { endpointsOf, type RegistryConfig } from "./endpoints.ts";
import { parseReference } from "../../settings/types/image-reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

test.each([
  ["nginx", "docker.io", "library/nginx", "latest", undefined],
  ["nginx:1.2", "docker.io", "library/nginx", "1.2", undefined],
  ["a/b", "docker.io", "a/b", "latest", undefined],
  ["localhost/a", "localhost", "a", "latest", undefined],
  ["localhost:5000/a/b:c", "localhost:5000", "a/b", "c", undefined],
  ["[::1]:5000/a", "[::1]:5000", "a", "latest", undefined],
  [`registry.example/a@${DIGEST}`, "registry.example", "a", undefined, DIGEST],
  [`registry.example/a:t@${DIGEST}`, "registry.example", "a", "t", DIGEST],
])("parseReference() reads %s", (name, ...wanted) => {
  const [host, repository, tag, digest] = wanted;
  expect(orThrow(parseReference(name))).toEqual({ name, host, repository, tag, digest } as never);
});

test.each([
  "",
  "A",
  "a/B",
  "a b",
  "-a",
  "a//b",
  "a:",
  "a:b:c",
  "a@sha256:1",
  `a@${DIGEST}@${DIGEST}`,
  "ho_st.x/a",
  "../a",
  "a:..\u0000",
])("parseReference() refuses %j", (name) => {
  expect(parseReference(name).ok).toBe(false);
});

function urls(name: string, config: Partial<RegistryConfig>): readonly string[] {
  const whole = { mirrors: [], credentials: [], ...config };
  return endpointsOf(orThrow(parseReference(name)), whole).map(({ url }) => url);
}

test("endpointsOf() asks the mirrors of the host, else those of any host, and the host itself last", () => {
  const mirrors = [
    { registry: "docker.io", endpoint: ["m1.example/", "http://m2.example/v2"] },
    { registry: "*", endpoint: ["any.example"] },
  ];
  expect(urls("nginx", { mirrors })).toEqual([
    "https://m1.example",
    "http://m2.example",
    "https://registry-1.docker.io",
  ]);
  expect(urls("x.example/a", { mirrors })).toEqual(["https://any.example", "https://x.example"]);
  expect(urls("127.0.0.1:5000/a", {})).toEqual(["http://127.0.0.1:5000"]);
});

test("endpointsOf() gives credentials to the host that they are for, and to no mirror", () => {
  const credentials = [{ registry: "docker.io", username: "u", password: "p" }];
  const mirrors = [{ registry: "docker.io", endpoint: ["m.example"] }];
  const found = endpointsOf(orThrow(parseReference("nginx")), { mirrors, credentials });
  expect(found.map(({ credential }) => credential?.username)).toEqual([undefined, "u"]);
});

test.each([
  ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", 1],
  ["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", 1],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", 1],
  ["public.ecr.aws", 2],
  ["12.dkr.ecr.eu-west-1.amazonaws.com", 2],
])("endpointsOf() asks no mirror for an account's own registry: %s", (host, count) => {
  const mirrors = [{ registry: "*", endpoint: ["https://m.example"] }];
  expect(urls(`${host}/a`, { mirrors }).length).toBe(count);
});
