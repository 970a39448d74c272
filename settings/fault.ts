/** The failure that settings are refused with: every problem at once, each with the path it is about. */
import { Fault } from "../base/result.ts";

/** `path` is a key name with the `settings` in front, list positions in brackets: `settings.ntp.options[0]`. */
export type Problem = {
  readonly path: string;
  /** A whole sentence without its subject, the path: `must be a string, got 5`. */
  readonly message: string;
  /** What the value has to be, where a value was wrong. */
  readonly wanted?: string;
  /** What it was: short and printable, never the whole of something large. */
  readonly got?: string;
  /** The document that it is in, where several are read. */
  readonly source?: string;
};

export type SettingsFaultCode =
  | "invalid-settings"
  | "invalid-key"
  | "invalid-pair"
  | "invalid-transaction"
  | "transaction-limit"
  | "nothing-pending"
  | "plan-changed"
  | "unconfirmed"
  | "nothing-unconfirmed"
  | "unknown-generation"
  | "unknown-name"
  | "generator-failed"
  | "invalid-user-data"
  | "store-corrupt"
  | "store-failed";

export class SettingsFault<Code extends SettingsFaultCode = SettingsFaultCode> extends Fault<Code> {
  readonly problems: readonly Problem[];

  constructor(code: Code, summary: string, problems: readonly Problem[] = [], cause?: unknown) {
    const list = problems.map(formatProblem).join("; ");
    super(code, list === "" ? summary : `${summary}: ${list}`, { problems: problems.length }, cause);
    this.problems = problems;
  }
}

/** One line for people. */
export function formatProblem({ source, path, message }: Problem): string {
  return `${source === undefined ? "" : `${source}: `}${path}: ${message}`;
}

/** A failed `Result` whose fault keeps its list of problems. */
export type Refused<Code extends SettingsFaultCode> = { readonly ok: false; readonly fault: SettingsFault<Code> };
export type SettingsResult<T, Code extends SettingsFaultCode> =
  | { readonly ok: true; readonly value: T }
  | Refused<Code>;

export function refuse<Code extends SettingsFaultCode>(
  code: Code,
  summary: string,
  problems: readonly Problem[] = [],
): Refused<Code> {
  return { ok: false, fault: new SettingsFault(code, summary, problems) };
}
