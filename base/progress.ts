/**
 * Progress of long work, shown step by step: what, how long, bytes where there are any. On a terminal the current line
 * is redrawn; elsewhere there are plain lines, a few per step at most. Steps may nest or run side by side.
 */
export type Report = (detail: string) => void;

export type Progress = {
  /** Runs `work` as one shown step; its failure is shown as such and thrown on unchanged. */
  step<T>(name: string, work: (report: Report) => Promise<T>): Promise<T>;
  /** One line that stays, for what the reader must know. */
  note(text: string): void;
};

export type ProgressOptions = {
  /** Where lines go; default standard error. */
  readonly write?: (text: string) => void;
  /** Whether lines may be redrawn; default: standard error is a terminal. */
  readonly terminal?: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
  /** Milliseconds that only ever grow; for tests. */
  readonly now?: () => number;
};

/** Milliseconds between details of one step where lines cannot be redrawn. */
const plainPause = 10_000;
const redrawPause = 100;
const eraseLine = "\r\u001B[2K";

/** Shows steps on standard error. */
export function createProgress(options: ProgressOptions = {}): Progress {
  const write = options.write ?? ((text: string): void => void process.stderr.write(text));
  const terminal = options.terminal ?? process.stderr.isTTY;
  const now = options.now ?? ((): number => performance.now());
  const shown = options.columns ?? (process.stderr.columns > 0 ? process.stderr.columns : 80);
  let drawn = false;

  const line = (text: string): void => {
    write(`${drawn ? eraseLine : ""}${text}\n`);
    drawn = false;
  };
  const redraw = (text: string): void => {
    write(`${eraseLine}${text.slice(0, shown - 1)}`);
    drawn = true;
  };

  return {
    note: (text) => line(`  ${text}`),
    async step(name, work) {
      const started = now();
      let last = started;
      if (terminal) redraw(`- ${name}`);
      else line(`- ${name}`);
      const report = (detail: string): void => {
        const at = now();
        if (at - last < (terminal ? redrawPause : plainPause)) return;
        last = at;
        if (terminal) redraw(`- ${name}: ${detail} (${formatDuration(at - started)})`);
        else line(`  ${name}: ${detail} (${formatDuration(at - started)})`);
      };
      try {
        const value = await work(report);
        line(`✓ ${name} (${formatDuration(now() - started)})`);
        return value;
      } catch (thrown) {
        line(`✗ ${name} (after ${formatDuration(now() - started)})`);
        throw thrown;
      }
    },
  };
}

/** Shows nothing: for tests and for calls whose answer is all that is wanted. */
export const silentProgress: Progress = { step: (_name, work) => work(() => {}), note() {} };

/** `0.3 s`, `42 s`, `3 min 05 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** `512 B`, `1.5 MiB`: powers of 1024, one decimal below ten. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? "B"}`;
}
