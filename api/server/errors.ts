/**
 * The one place where failures become answers: status by code, and the body. Contracts section 5.2: text, or for who
 * asks for JSON an object with the code, the message, and every problem with its path.
 */
import type { Log } from "../../base/log.ts";
import { Fault } from "../../base/result.ts";
import type { EphemeralFault } from "../../disk/ephemeral/names.ts";
import type { HttpAnswer } from "../http/message.ts";
import { SettingsFault, type SettingsFaultCode, formatProblem } from "../../settings/fault.ts";

export type RequestFaultCode =
  | "bad-query"
  | "bad-body"
  | "no-such-path"
  | "unknown-outcome"
  | "too-many-streams"
  | "no-upgrade"
  | "wrong-method"
  | "action-failed"
  | "apply-failed"
  | EphemeralFault;

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
  "unknown-generation": 404,
  "unknown-outcome": 404,
  "wrong-method": 405,
  "unknown-disk": 400,
  "unknown-folder": 400,
  "nothing-named": 400,
  "not-initialised": 409,
  "disk-busy": 409,
  "transaction-limit": 409,
  unconfirmed: 409,
  "nothing-unconfirmed": 409,
  "plan-changed": 412,
  "nothing-pending": 422,
  "no-upgrade": 426,
  "too-many-streams": 503,
};

const INTERNAL = "Cannot answer: the server met an error of its own, see its journal";

export class WrongMethodFault extends Fault<"wrong-method"> {
  readonly allowed: readonly string[];

  constructor(method: string, path: string, allowed: readonly string[]) {
    super("wrong-method", `Cannot ${method} "${path}": it takes ${allowed.join(", ")}`, { method, path });
    this.allowed = allowed;
  }
}

export type FailureOptions = {
  readonly log: Log;
  /** The request, for the log. */
  readonly call: string;
  readonly json: boolean;
};

/** The answer to a call that failed, whatever was thrown; failures of the server itself go to the log as errors. */
export function failureAnswer(thrown: unknown, { log, call, json }: FailureOptions): HttpAnswer {
  if (!isFault(thrown)) {
    log.error("A request met an error in the server", { call, error: stackOf(thrown) });
    return failed(500, new Fault("internal", INTERNAL), json);
  }
  const status = statusOfFault(thrown);
  if (status >= 500) log.error("A request failed", { call, reason: thrown.message });
  else if (thrown.code === "invalid-settings") log.warn("Settings are refused", { call, reason: thrown.message });
  else log.debug("A request is refused", { call, status, reason: thrown.message });
  return failed(status, thrown, json);
}

export function statusOfFault({ code }: Fault): number {
  return isKnown(code) ? (statusOf[code] ?? 500) : 500;
}

function failed(status: number, fault: Fault, json: boolean): HttpAnswer {
  const allow = fault instanceof WrongMethodFault ? { Allow: fault.allowed.join(", ") } : {};
  const upgrade = status === 426 ? { Upgrade: "websocket", Connection: "Upgrade" } : {};
  const retry = status === 503 ? { "Retry-After": "1" } : {};
  const type = json ? "application/json" : "text/plain; charset=utf-8";
  const problems = fault instanceof SettingsFault ? fault.problems : [];
  const body = json ? JSON.stringify({ code: fault.code, message: summaryOf(fault), problems }) : bodyOf(fault);
  return { status, headers: { ...allow, ...upgrade, ...retry, "Content-Type": type }, body };
}

/** The message; where there are problems, the summary and then each problem on a line of its own with its path. */
export function bodyOf(fault: Fault): string {
  if (!(fault instanceof SettingsFault) || fault.problems.length === 0) return fault.message;
  return [`${summaryOf(fault)}:`, ...fault.problems.map(formatProblem)].join("\n");
}

/** The message without the problems that stand beside it. */
function summaryOf(fault: Fault): string {
  if (!(fault instanceof SettingsFault) || fault.problems.length === 0) return fault.message;
  const list = `: ${fault.problems.map(formatProblem).join("; ")}`;
  return fault.message.endsWith(list) ? fault.message.slice(0, -list.length) : fault.message;
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
