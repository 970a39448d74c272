/**
 * How a failure travels: `Result` when the caller needs a value, a thrown `Fault` when it only wanted an action.
 * Anything thrown that is not a `Fault` is a bug and is never caught below the program's entry.
 */

/** Values that name what a failure was about; never secrets. */
export type Details = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A failure this program expects to meet. `code` is from a closed union per module. */
export class Fault<Code extends string = string> extends Error {
  override readonly name = "Fault";
  readonly code: Code;
  readonly details: Details;

  constructor(code: Code, message: string, details: Details = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** The one door by which foreign errors enter: keeps the cause, adds what was being done. */
  static from<C extends string>(code: C, action: string, cause: unknown, details: Details = {}): Fault<C> {
    return new Fault(code, `${action}: ${reason(cause)}`, details, cause);
  }
}

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Failed<Code extends string = string> = { readonly ok: false; readonly fault: Fault<Code> };
export type Result<T, Code extends string = string> = Ok<T> | Failed<Code>;

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function fail<Code extends string>(fault: Fault<Code>): Failed<Code> {
  return { ok: false, fault };
}

/** The value, or the fault thrown: for callers that have no better answer than to stop. */
export function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw result.fault;
}

/** One line that says what went wrong, for any thrown thing. */
export function reason(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
  return String(thrown);
}
