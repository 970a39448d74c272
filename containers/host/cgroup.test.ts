import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProcesses } from "./cgroup.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sparkler-cgroup-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

test.each([
  ["populated 1\nfrozen 0\n", true],
  ["populated 0\nfrozen 1\n", false],
  ["", false],
])("a container whose cgroup says %j has processes: %p", async (events, expected) => {
  const scope = join(root, "hostcontainers.slice/container-my-web.scope");
  await mkdir(scope, { recursive: true });
  await writeFile(join(scope, "cgroup.events"), events);
  expect(await hasProcesses("my-web", root)).toBe(expected);
});

test("a container without a cgroup has none", async () => {
  expect(await hasProcesses("my-web", root)).toBe(false);
});
