/** Where output goes, and what it may look like there: exact in a pipe, helpful on a terminal. */

export type Paint = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly key: (text: string) => string;
  readonly faint: (text: string) => string;
};

export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: () => Promise<string>;
  /** Whether somebody reads along: tables instead of JSON. */
  readonly people: boolean;
  readonly paint: Paint;
};

const plain = (text: string): string => text;
const PLAIN: Paint = { good: plain, bad: plain, key: plain, faint: plain };

const style =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
const COLOURS: Paint = { good: style(32), bad: style(31), key: style(36), faint: style(2) };

export type TerminalOptions = {
  readonly out?: (text: string) => void;
  readonly err?: (text: string) => void;
  readonly stdin?: () => Promise<string>;
  readonly people?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/** Colours only where somebody reads along and has not asked for none (NO_COLOR, a dumb terminal). */
export function terminalOf(options: TerminalOptions = {}): Terminal {
  const environment = options.environment ?? process.env;
  const people = options.people ?? (options.out === undefined && process.stdout.isTTY);
  const noColour = environment["NO_COLOR"] ?? "";
  return {
    out: options.out ?? ((text: string): void => void process.stdout.write(text)),
    err: options.err ?? ((text: string): void => void process.stderr.write(text)),
    stdin: options.stdin ?? (() => Bun.stdin.text()),
    people,
    paint: people && noColour === "" && environment["TERM"] !== "dumb" ? COLOURS : PLAIN,
  };
}

/** Rows as columns, two spaces apart; `paint` is given each cell after it was made as wide as its column. */
export function table(
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number) => string = plain,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => paint(column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0), column))
        .join("  "),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** What came from elsewhere may hold anything; on a terminal it must not steer it. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (char) =>
    char === "\n" || char === "\t" ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
