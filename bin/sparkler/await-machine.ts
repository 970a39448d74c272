/** Waiting for a machine that has been started, and telling why when it does not come up. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDuration, type Progress } from "../../base/progress.ts";
import { Fault } from "../../base/result.ts";
import { waitForApi } from "../../machine/api.ts";
import { lastLines } from "../../machine/console-text.ts";
import { files } from "../../machine/paths.ts";
import { readEnded, readRunning } from "../../machine/records.ts";

export type AwaitOptions = {
  readonly folder: string;
  readonly progress: Progress;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

const linesOfFailure = 25;
const linesOfProgress = 1;
const showMs = 500;

/** The machine's settings, once its API gives them. Throws with the end of its console when it does not in time. */
export function awaitMachine(options: AwaitOptions): Promise<unknown> {
  const { folder, timeoutMs, signal } = options;
  return options.progress.step("Waiting for the API", async (report) => {
    const shown = setInterval(() => {
      void consoleEnd(folder, linesOfProgress).then(([line]) => report((line ?? "").trim().slice(0, 100)));
    }, showMs);
    try {
      return await waitForApi(folder, { timeoutMs, signal, meanwhile: () => checkRunning(folder) });
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof Fault)) throw thrown;
      const last = await consoleEnd(folder, linesOfFailure);
      const said = last.length === 0 ? "its console is empty" : `its console ended with:\n  ${last.join("\n  ")}`;
      throw new Fault("not-up", `${thrown.message}; ${said}`, { waited: formatDuration(timeoutMs) }, thrown);
    } finally {
      clearInterval(shown);
    }
  });
}

async function checkRunning(folder: string): Promise<void> {
  if ((await readRunning(folder)) !== undefined) return;
  const how = (await readEnded(folder))?.how ?? "its monitor is gone";
  throw new Fault("ended", `The machine ended before its API answered: ${how}`);
}

async function consoleEnd(folder: string, count: number): Promise<readonly string[]> {
  const text = await readFile(join(folder, files.console), "utf8").catch(() => ""); // it has not begun
  return lastLines(text, count);
}
