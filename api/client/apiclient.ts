/**
 * `apiclient`: the API on a command line, contracts sections 6.1 and 6.2, and our own subcommands. It speaks to one
 * Unix socket, so the operator's command runs the same code against another socket. It decides nothing: settings are
 * judged by the server. What only some subcommands need is loaded by them.
 */
import { Fault, orThrow } from "../../base/result.ts";
import { jsonOf, pretty } from "./answers.ts";
import { type Api, type Answer, apiAt } from "./connection.ts";
import type { ExecConsole } from "./exec-console.ts";
import { isObject, mergeJson } from "./merge.ts";
import type { Request } from "./requests.ts";
import { type Terminal, type TerminalOptions, terminalOf } from "./terminal.ts";
import { readWords } from "./words.ts";

export type ApiclientPorts = TerminalOptions & {
  /** Used when no `--socket-path` is given. */
  readonly socketPath: string;
  /** Ends `watch` and `exec`. */
  readonly signal?: AbortSignal;
  /** Of `exec`; default: that of this process. */
  readonly console?: ExecConsole;
};

type Session = {
  readonly api: Api;
  readonly terminal: Terminal;
  readonly socketPath: string;
  readonly ports: ApiclientPorts;
};

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 used wrongly or asked for help. */
export async function runApiclient(argv: readonly string[], ports: ApiclientPorts): Promise<number> {
  const terminal = terminalOf(ports);
  const { err } = terminal;
  const wanted = readWords(argv);
  if (!wanted.ok) {
    const { usageText } = await import("./usage.ts");
    err(wanted.fault.code === "help" ? usageText : `${wanted.fault.message}\n\n${usageText}`);
    return 2;
  }
  const { request, verbose } = wanted.value;
  const socketPath = wanted.value.socketPath ?? ports.socketPath;
  const message = request.kind === "change" ? request.options.message : undefined;
  const api = apiAt(socketPath, {
    agent: "apiclient",
    ...(message === undefined ? {} : { message }),
    onStatus(status, call) {
      if (verbose) err(`Status ${status} when ${call.method}ing ${call.uri}\n`);
    },
  });
  try {
    return await perform(request, { api, terminal, socketPath, ports });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    err(`${thrown.message}\n`);
    return 1;
  }
}

/** Exit code. Throws the fault of the first request that failed. */
async function perform(request: Request, session: Session): Promise<number> {
  const { api, terminal } = session;
  switch (request.kind) {
    case "raw": {
      const { body } = orThrow(await api({ method: request.method, uri: request.uri, body: request.data }));
      if (body !== "") terminal.out(`${body}\n`);
      break;
    }
    case "get-uri":
      terminal.out(`${shown(orThrow(await api({ method: "GET", uri: request.uri })))}\n`);
      break;
    case "get":
      return getPrefixes(request.prefixes, session);
    case "change":
      return (await import("./change.ts")).runChange(request.change, request.options, session);
    case "watch":
      await (await import("./watch.ts")).watch(session.socketPath, terminal, session.ports.signal);
      break;
    case "exec": {
      const { console, signal } = session.ports;
      return (await import("./exec.ts")).runExec(request.exec, { socketPath: session.socketPath, console, signal });
    }
    case "confirm": {
      const which = request.generation === undefined ? "" : `?generation=${request.generation}`;
      orThrow(await api({ method: "POST", uri: `/confirm${which}` }));
      break;
    }
    case "ephemeral":
      terminal.out(await (await import("./ephemeral.ts")).runEphemeral(request.request, api));
      break;
    case "reboot":
      orThrow(await api({ method: "POST", uri: "/actions/reboot" }));
      break;
    case "plan":
    case "history":
    case "diff":
    case "explain":
    case "outcome":
    case "host-containers":
      return (await import("./questions.ts")).runQuestion(request, session);
  }
  return 0;
}

async function getPrefixes(prefixes: readonly string[], session: Session): Promise<number> {
  let merged: unknown = {};
  const empty: string[] = [];
  for (const prefix of prefixes) {
    const found = jsonOf(orThrow(await session.api({ method: "GET", uri: `/?prefix=${encodeURIComponent(prefix)}` })));
    if (isObject(found) && Object.keys(found).length === 0) empty.push(prefix);
    merged = mergeJson(merged, found);
  }
  session.terminal.out(`${pretty(merged)}\n`);
  if (empty.length > 0) await (await import("./name-hint.ts")).nameHint(empty, session);
  return 0;
}

/** An answer that is not JSON is shown as it is. */
function shown(answer: Answer): string {
  const type = answer.headers.get("content-type") ?? "";
  return type.startsWith("application/json") ? pretty(jsonOf(answer)) : answer.body;
}
