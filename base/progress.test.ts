import { expect, test } from "bun:test";
import { createProgress, formatBytes, formatDuration } from "./progress.ts";

function recorded(terminal: boolean): {
  readonly text: () => string;
  readonly progress: ReturnType<typeof createProgress>;
  tick: (ms: number) => void;
} {
  let text = "";
  let clock = 0;
  const progress = createProgress({
    terminal,
    columns: 80,
    now: () => clock,
    write: (piece) => {
      text += piece;
    },
  });
  return {
    progress,
    text: () => text,
    tick: (ms) => {
      clock += ms;
    },
  };
}

test("createProgress() writes plain lines without a terminal, details only every ten seconds", async () => {
  const at = recorded(false);
  await at.progress.step("Fetching", (report) => {
    report("1 MiB");
    at.tick(11_000);
    report("2 MiB");
    at.tick(1000);
    report("3 MiB");
    return Promise.resolve();
  });
  expect(at.text()).toBe("- Fetching\n  Fetching: 2 MiB (11 s)\n✓ Fetching (12 s)\n");
});

test("createProgress() redraws one line on a terminal", async () => {
  const at = recorded(true);
  await at.progress.step("Fetching", (report) => {
    at.tick(200);
    report("1 MiB");
    return Promise.resolve();
  });
  expect(at.text()).toBe("\r\u001B[2K- Fetching\r\u001B[2K- Fetching: 1 MiB (0.2 s)\r\u001B[2K✓ Fetching (0.2 s)\n");
});

test("createProgress() shows a failed step and throws on what the work threw", async () => {
  const at = recorded(false);
  const thrown = new Error("no");
  const outcome: unknown = await at.progress.step("Failing", () => Promise.reject(thrown)).catch((got: unknown) => got);
  expect(outcome).toBe(thrown);
  expect(at.text()).toBe("- Failing\n✗ Failing (after 0.0 s)\n");
});

test("formatDuration() and formatBytes() are short and unambiguous", () => {
  expect([0, 340, 9949, 42_000, 185_000].map(formatDuration)).toEqual([
    "0.0 s",
    "0.3 s",
    "9.9 s",
    "42 s",
    "3 min 05 s",
  ]);
  expect([12, 1536, 10_485_760, 3 * 1024 ** 3].map(formatBytes)).toEqual(["12 B", "1.5 KiB", "10 MiB", "3.0 GiB"]);
});
