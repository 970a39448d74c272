import { expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "./lock.ts";
import { inFolder, refusal } from "./testing.ts";

test("withLock() lets one after the other work and leaves nothing behind", async () => {
  await inFolder(async (folder) => {
    let inside = 0;
    const most: number[] = [];
    const one = (): Promise<void> =>
      withLock(join(folder, "lock"), 5000, async () => {
        inside += 1;
        most.push(inside);
        await sleep(5);
        inside -= 1;
      });
    await Promise.all([one(), one(), one(), one()]);
    expect(most).toEqual([1, 1, 1, 1]);
    expect(await readdir(folder)).toEqual([]);
  });
});

test("withLock() gives up after its time and names the holder", async () => {
  await inFolder(async (folder) => {
    await withLock(join(folder, "lock"), 0, async () => {
      const second = withLock(join(folder, "lock"), 60, () => Promise.resolve());
      expect(await refusal(second)).toContain(`process ${process.pid}`);
    });
  });
});

test.each(["999999999 1\n", `${process.pid} 1\n`, "junk", ""])(
  "withLock() takes over a lock that says %j",
  async (text) => {
    await inFolder(async (folder) => {
      await writeFile(join(folder, "lock"), text);
      expect(await withLock(join(folder, "lock"), 0, () => Promise.resolve(7))).toBe(7);
    });
  },
);

test("withLock() is free again after work that failed", async () => {
  await inFolder(async (folder) => {
    const failing = withLock(join(folder, "lock"), 0, () => Promise.reject(new Error("no")));
    expect(await refusal(failing)).toBe("no");
    expect(await withLock(join(folder, "lock"), 0, () => Promise.resolve(1))).toBe(1);
  });
});
