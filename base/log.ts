/**
 * Logging: a constant message with fields, to standard error. Under systemd a line starts with the journal's
 * priority prefix (sd-daemon(3)); elsewhere it is short text for people. Standard output is never used.
 */
export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Readonly<Record<string, unknown>>;

export type Log = {
  readonly debug: (message: string, fields?: Fields) => void;
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
};

export const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

const priority: Readonly<Record<Level, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

export type LogOptions = {
  readonly component: string;
  /** Lowest level that is written; default `info`. */
  readonly level?: Level;
  /** `journal` prefixes each line with its priority; `text` is for terminals. */
  readonly form?: "journal" | "text";
  /** Where lines go; default standard error. */
  readonly write?: (line: string) => void;
};

export function createLog(options: LogOptions): Log {
  const lowest = LEVELS.indexOf(options.level ?? "info");
  const write = options.write ?? ((line: string): void => void process.stderr.write(line));
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}): void => {
      if (LEVELS.indexOf(level) < lowest) return;
      const shown = formatFields(fields);
      const text = `${options.component}: ${message}${shown}`;
      write(options.form === "journal" ? `<${priority[level]}>${text}\n` : `${text}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that drops everything, for tests and for library calls without a program around them. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

function formatFields(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    .join("");
}
