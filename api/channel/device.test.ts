import { describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orThrow } from "../../base/result.ts";
import { run } from "../../base/run.ts";
import { PortDevice } from "./device.ts";

/** A named pipe read without blocking behaves as a virtio port does: 0 bytes while no writer is there. */
async function withPipe(body: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "device-"));
  const path = join(folder, "pipe");
  orThrow(await run(["/usr/bin/mkfifo", path]));
  try {
    await body(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("PortDevice", () => {
  test("reads what each of several hosts sends, and says when one has gone", async () => {
    await withPipe(async (path) => {
      using device = new PortDevice(path, openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
      const stop = new AbortController();
      const seen: string[] = [];
      const reading = (async () => {
        for await (const event of device.events(stop.signal)) {
          const what = event.kind === "away" ? "away" : Buffer.from(event.bytes).toString();
          if (what !== seen.at(-1)) seen.push(what);
        }
      })();
      await Bun.sleep(50);
      for (const words of ["first", "second"]) {
        const writer = openSync(path, constants.O_WRONLY);
        await Bun.sleep(300);
        writeSync(writer, words);
        await Bun.sleep(50);
        writeSync(writer, `${words} again`);
        await Bun.sleep(50);
        closeSync(writer);
        await Bun.sleep(50);
      }
      stop.abort();
      await reading;
      expect(seen).toEqual(["first", "first again", "away", "second", "second again", "away"]);
    });
  });

  test("takes nothing when the device is full, without blocking", async () => {
    await withPipe(async (path) => {
      using device = new PortDevice(path);
      let taken = 0;
      for (let last = 1; last > 0; taken += last) last = device.write(new Uint8Array(4096));
      expect(taken).toBeGreaterThan(0);
      expect(device.write(new Uint8Array(1))).toBe(0);
    });
  });

  test("names a file that is missing", () => {
    expect(() => new PortDevice("/nowhere/port")).toThrow('Cannot open "/nowhere/port"');
  });
});
