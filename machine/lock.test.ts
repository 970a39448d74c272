import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockHolder, takeLock } from "./lock.ts";

const folder = mkdtempSync(join(tmpdir(), "sparkler-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "lock");

test("takeLock() gives the lock to one at a time, and leaves nothing behind", () => {
  const lock = takeLock(path);
  expect(lockHolder(path)?.pid).toBe(process.pid);
  expect(takeLock(path)).toBeUndefined();
  lock?.[Symbol.dispose]();
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test("takeLock() takes over a lock whose process is gone, and one that is damaged", () => {
  for (const text of ["4194304 1\n", `${process.pid} 1\n`, "x"]) {
    writeFileSync(path, text);
    expect(lockHolder(path)).toBeUndefined();
    takeLock(path)?.[Symbol.dispose]();
  }
  expect(readdirSync(folder)).toEqual([]);
});
