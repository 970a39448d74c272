import { afterAll, beforeAll, expect, test } from "bun:test";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFifos } from "../../base/fifo.ts";
import { InputPipe } from "./pipes.ts";

let folder = "";
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "sparkler-pipes-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("InputPipe.open() waits for a reader that comes late", async () => {
  const path = join(folder, "late");
  await makeFifos([path]);
  const opening = InputPipe.open(path, () => false);
  await Bun.sleep(50);
  // oxlint-disable-next-line no-bitwise -- flags of open(2)
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  using pipe = await opening;
  await pipe?.write(Buffer.from("typed"));
  const bytes = Buffer.alloc(10);
  expect(bytes.subarray(0, readSync(reader, bytes)).toString()).toBe("typed");
  closeSync(reader);
});

test("InputPipe.open() gives up when the process has ended", async () => {
  const path = join(folder, "ended");
  await makeFifos([path]);
  let ended = false;
  const opening = InputPipe.open(path, () => ended);
  ended = true;
  expect(await opening).toBeUndefined();
});
