/**
 * Asking a machine's API over its socket on this side, and waiting until it answers for the first time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../base/result.ts";
import { files, openSocketPath } from "./paths.ts";

export type ApiRequest = {
  readonly method?: string;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type ApiAnswer = { readonly status: number; readonly body: string };

/** One request to the machine in `folder`. Throws `no-answer` when there is none in time. */
export async function requestApi(folder: string, path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
  const socket = openSocketPath(folder, files.api);
  const timeout = AbortSignal.timeout(request.timeoutMs ?? 10_000);
  try {
    const response = await fetch(`http://localhost${path}`, {
      unix: socket.path,
      method: request.method ?? "GET",
      headers: { "Content-Type": "application/json" },
      signal: request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: response.status, body: await response.text() };
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw Fault.from("no-answer", `Cannot ask "${path}" of the machine`, cause);
  } finally {
    socket.close();
  }
}

export type WaitOptions = {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  /** Called between attempts: shows how far the machine is, and throws when waiting has no use any more. */
  readonly meanwhile: () => Promise<void> | void;
};

const askTimeoutMs = 5000;
const pauseMs = 250;

/** The settings of the machine, as soon as its API gives them. */
export async function waitForApi(folder: string, options: WaitOptions): Promise<unknown> {
  const end = performance.now() + options.timeoutMs;
  for (;;) {
    const settings = await askSettings(folder, options.signal);
    if (settings !== undefined) return settings;
    await options.meanwhile();
    if (performance.now() > end) {
      const seconds = Math.round(options.timeoutMs / 1000);
      throw new Fault("no-answer", `Cannot reach the machine's API: no answer within ${seconds} s`);
    }
    await sleep(pauseMs);
    options.signal?.throwIfAborted();
  }
}

async function askSettings(folder: string, signal?: AbortSignal): Promise<unknown> {
  const limits = { timeoutMs: askTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  try {
    const answer = await requestApi(folder, "/settings", limits);
    if (answer.status !== 200) return undefined;
    const parsed: unknown = JSON.parse(answer.body);
    return parsed;
  } catch (thrown) {
    if (thrown instanceof Fault || thrown instanceof SyntaxError) return undefined; // not yet
    throw thrown;
  }
}

/** Settings that say most about a machine, shown first. */
const preferred = ["network.hostname", "motd", "ntp.time-servers"];

/** `count` settings with their dotted names, the telling ones first. */
export function pickSettings(settings: unknown, count: number): readonly (readonly [string, unknown])[] {
  const leaves = flatten(settings, "");
  return leaves.sort(([a], [b]) => rank(a) - rank(b)).slice(0, count);
}

function rank(name: string): number {
  return preferred.includes(name) ? preferred.indexOf(name) : preferred.length;
}

function flatten(value: unknown, name: string): (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, value]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, name === "" ? key : `${name}.${key}`));
}
