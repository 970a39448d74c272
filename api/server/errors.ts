/** The one place where failures become answers: status by code, and the text of the body. Contracts section 5.2. */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import { SettingsFault, type SettingsFaultCode, formatProblem } from "../../settings/fault.ts";

export type RequestFaultCode =
  | "bad-query"
  | "bad-body"
  | "too-large"
  | "too-slow"
  | "no-such-path"
  | "wrong-method"
  | "action-failed"
  | "apply-failed";

/** All other codes are 500. */
const statusOf: Readonly<Partial<Record<SettingsFaultCode | RequestFaultCode, number>>> = {
  "bad-query": 400,
  "bad-body": 400,
  "invalid-settings": 400,
  "invalid-key": 400,
  "invalid-pair": 400,
  "invalid-transaction": 400,
  "invalid-user-data": 400,
  "no-such-path": 404,
  "unknown-name": 404,
  "wrong-method": 405,
  "too-slow": 408,
  "transaction-limit": 409,
  "too-large": 413,
  "nothing-pending": 422,
};

const INTERNAL = "Cannot answer: the server met an error of its own, see its journal";

export class WrongMethodFault extends Fault<"wrong-method"> {
  readonly allowed: readonly string[];

  constructor(method: string, path: string, allowed: readonly string[]) {
    super("wrong-method", `Cannot ${method} "${path}": it takes ${allowed.join(", ")}`, { method, path });
    this.allowed = allowed;
  }
}

/** The answer to a call that failed, whatever was thrown; failures of the server itself go to the log as errors. */
export function failureAnswer(thrown: unknown, log: Log, call: string): Response {
  if (!isFault(thrown)) {
    log.error("A request met an error in the server", { call, error: stackOf(thrown) });
    return text(500, INTERNAL);
  }
  const status = isKnown(thrown.code) ? (statusOf[thrown.code] ?? 500) : 500;
  if (status >= 500) log.error("A request failed", { call, reason: thrown.message });
  else if (thrown.code === "invalid-settings") log.warn("Settings are refused", { call, reason: thrown.message });
  else log.debug("A request is refused", { call, status, reason: thrown.message });
  const allow = thrown instanceof WrongMethodFault ? { Allow: thrown.allowed.join(", ") } : undefined;
  return text(status, bodyOf(thrown), allow);
}

/** The message; where there are problems, the summary and then each problem on a line of its own with its path. */
export function bodyOf(fault: Fault): string {
  if (!(fault instanceof SettingsFault) || fault.problems.length === 0) return fault.message;
  const lines = fault.problems.map(formatProblem);
  const list = `: ${lines.join("; ")}`;
  const summary = fault.message.endsWith(list) ? fault.message.slice(0, -list.length) : fault.message;
  return [`${summary}:`, ...lines].join("\n");
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...headers, "Content-Type": "text/plain; charset=utf-8" } });
}

/** Narrows to a fault of any code, where `instanceof` alone would say nothing about the code's type. */
function isFault(thrown: unknown): thrown is Fault {
  return thrown instanceof Fault;
}

function isKnown(code: string): code is keyof typeof statusOf {
  return Object.hasOwn(statusOf, code);
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
