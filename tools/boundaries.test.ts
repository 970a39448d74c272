import { expect, test } from "bun:test";
import { findViolations } from "./boundaries.ts";

const host = { path: "bin/host.ts", text: 'import { x } from "../api/server.ts";\n' };

test("findViolations() accepts an arrow that points down", () => {
  expect(
    findViolations([host, { path: "api/server.ts", text: 'import type { A } from "../base/result.ts";' }], new Set()),
  ).toEqual([]);
});

test("findViolations() refuses an arrow that points up, type-only and dynamic imports included", () => {
  const up = [
    { path: "base/a.ts", text: 'import type { A } from "../settings/b.ts";' },
    { path: "disk/a.ts", text: 'const x = await import("../api/b.ts");' },
  ];
  expect(findViolations(up, new Set())).toHaveLength(2);
});

test("findViolations() refuses build code reached from the host's executable", () => {
  const files = [
    host,
    { path: "api/server.ts", text: 'import { b } from "../image/build.ts";' },
    { path: "image/build.ts", text: "" },
  ];
  expect(findViolations(files, new Set())).toContain("image/build.ts is reached from bin/host.ts");
});

test("findViolations() refuses a dependency that is not listed", () => {
  expect(findViolations([{ path: "base/a.ts", text: 'import x from "left-pad";' }], new Set(["zod"]))).toHaveLength(1);
});
