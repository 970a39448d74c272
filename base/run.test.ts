import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

const self = fileURLToPath(new URL("run.ts", import.meta.url));

/** Runs `code` in a process of its own, with `run` and a controller at hand, and gives what it printed when it ended. */
function elsewhere(code: string): Promise<string> {
  const text = `import { run } from ${JSON.stringify(self)}; const controller = new AbortController(); ${code}`;
  const child = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (piece: Buffer) => (said += piece.toString("utf8")));
  return new Promise((resolve) => {
    child.on("close", () => resolve(said));
  });
}

test("run() gives output and status", async () => {
  expect(await run(["/bin/echo", "a"])).toMatchObject({ ok: true, value: { stdout: "a\n" } });
  expect(await run(["/bin/false"])).toMatchObject({ ok: false, fault: { code: "exit-status" } });
  expect(await run(["/nonexistent"])).toMatchObject({ ok: false, fault: { code: "not-started" } });
  expect(await run(["/bin/sleep", "600"], { timeoutMs: 50 })).toMatchObject({
    ok: false,
    fault: { code: "timed-out" },
  });
});

test("run() with a signal that is aborted already starts nothing, and holds nothing up", async () => {
  const code = `controller.abort(); const ran = await run(["/bin/sleep", "600"], { signal: controller.signal }); console.log(ran.ok);`;
  expect(await elsewhere(code)).toBe("false\n");
}, 60_000);

test("run() comes back from an abort when the program is gone", async () => {
  const controller = new AbortController();

  const running = run(["/bin/sleep", "600"], { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  expect(await running).toMatchObject({ ok: false, fault: { code: "not-started" } });
}, 60_000);

test("run() kills what the program has started as well", async () => {
  const controller = new AbortController();
  const code = `const child = require("node:child_process").spawn("/bin/sleep", ["600"]); console.error(child.pid);`;
  let pid = 0;
  const ran = run([process.execPath, "-e", code], {
    signal: controller.signal,
    onStderr: (text) => {
      pid = Number(text);
      controller.abort();
    },
  });
  expect(await ran).toMatchObject({ ok: false });
  expect(pid).toBeGreaterThan(1);
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""); // gone, or dead and not yet reaped
    if (!/^\d+ \(sleep\) [^Z]/.test(state)) break;
    await Bun.sleep(10);
  }
}, 60_000);
