/** `apiclient` of this checkout, against a test machine, as a process of its own. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestMachine } from "../../machine/testing.ts";
import { root } from "../../tools/tests.ts";

export type Said = { readonly status: number | null; readonly out: string; readonly err: string };

/** Runs `apiclient WORD…` to its end, with `input` on its standard input. */
export function apiclient(machine: TestMachine, words: readonly string[], input = ""): Promise<Said> {
  return new Promise((resolve) => {
    const argv = [join(root, "bin/host.ts"), "apiclient", "-s", machine.apiSocket, ...words];
    const child = spawn(process.execPath, argv, { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
    child.stdin.on("error", () => {}); // it may end before it has read its input
    child.stdin.end(input);
    child.on("close", (status) => resolve({ status, out, err }));
  });
}

/** The same for calls that must succeed; returns standard output. */
export async function succeed(machine: TestMachine, ...words: readonly string[]): Promise<string> {
  const { status, out, err } = await apiclient(machine, words);
  if (status !== 0) throw new Error(`apiclient ${words.join(" ")} ended with ${status}: ${err}`);
  return out;
}
